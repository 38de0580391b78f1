"""A larger company: one provider, six accounts, forty roles, some names that are far too long; and AWS away.

Its provider asks nobody anything: whoever comes is signed in at once, as the person whom the test chose.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from app.signin.attempts import STARTS_A_MINUTE
from tests.forges.oidc import OidcForge
from tests.limits import spend
from tests.world import DEVELOPER, UPDATE_APP, World

PROVIDER = """
[[provider]]
id = "northwind"
kind = "oidc"
label = "Northwind"
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "northwind.secret"
allow_private_network = true
"""
HASTY = "203.0.113.7"  # somebody's network address (RFC 5737), from which too much comes
NAMES = {
    "222222222222": "Payments",
    "333333333333": "Payments (pre-production, shared with the partners' integration environment)",
    "444444444444": "Data platform",
    "555555555555": "Sandbox",
}
JOBS = ("Read only", "Developer", "Operator", "Database administrator", "Billing", "Network", "Audit", "Deploy")
LABORATORY = "666666666666"  # the gateway has no AWS credentials for it, and finds out when somebody asks
LONG = "Support on call outside office hours, may restart services and read their logs"


@dataclass(frozen=True)
class Company:
    url: str
    forge: OidcForge
    redis_url: str

    def next_is(self, *groups: str) -> None:
        """Who signs in next: somebody in these groups, a stranger to all limits."""
        name = "maximiliane.von-der-hoehe@research.northwind.example"
        self.forge.person |= {"sub": f"sub-{groups}", "preferred_username": name, "groups": list(groups)}

    def exhaust_sign_ins(self) -> None:
        """Begin sign-ins from one network address until the gateway has had enough of it."""

        def begin() -> None:
            there = {"X-Forwarded-For": HASTY}
            requests.get(f"{self.url}/signin/northwind", headers=there, allow_redirects=False, timeout=60)

        spend(self.redis_url, "signin.start", STARTS_A_MINUTE, begin)


@contextmanager
def open_company(world: World) -> Iterator[Company]:
    """AWS is not there for it: its STS is a port at which nobody listens."""
    with OidcForge() as forge:
        gateway = world.gateway(
            PROVIDER.format(issuer=forge.issuer, client=forge.client_id),
            catalog(),
            files={"northwind.secret": forge.client_secret},
            environment={"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9", "FEDGATE_TRUSTED_PROXIES": "1"},
        )
        yield Company(gateway.url, forge, world.redis_url)


def catalog() -> str:
    """TOML that follows the accounts and roles that every gateway of the tests has."""
    accounts = [f'[[account]]\nid = "{id_}"\nname = "{name}"' for id_, name in NAMES.items()]
    roles = [(id_, job, job) for id_ in NAMES for job in JOBS]
    roles += [("333333333333", "Support on call", LONG), *(("555555555555", f"Team {n}", "") for n in "ABCDE")]
    arns = [UPDATE_APP, DEVELOPER, *(_arn(account, name) for account, name, _ in roles)]
    rule = f'[[rule]]\nid = "all"\nprovider = "northwind"\ngroups = ["everything"]\nroles = {arns}'
    laboratory = _laboratory()
    return "\n".join([*accounts, laboratory, *(_role(*role) for role in roles), rule])


def _laboratory() -> str:
    notebooks = _arn(LABORATORY, "Notebooks")
    return f"""
[[account]]
id = "{LABORATORY}"
name = "Laboratory"
base = {{ profile = "nobody-made-it" }}
[[role]]
arn = "{notebooks}"
label = "Notebooks"
method = "assume_role"
max_minutes = 480
tags = {{ Team = "research", CostCenter = "research-and-development-of-new-materials" }}
[[rule]]
id = "laboratory"
provider = "northwind"
groups = ["laboratory"]
roles = ["{notebooks}", "{UPDATE_APP}"]"""


def _role(account: str, name: str, label: str) -> str:
    return f'[[role]]\narn = "{_arn(account, name)}"\nlabel = "{label or name}"\nmethod = "assume_role"'


def _arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name.replace(' ', '')}"
