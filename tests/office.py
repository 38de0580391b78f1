"""An office: one gateway of one's own, and the local identity provider that knows it.

For tests that kill, starve or reconfigure a gateway, which nobody else must be in the middle of using.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LocalIdp
from tests.prompt import Tokens, bearer
from tests.servers.browser import Browser, Stopped, User
from tests.servers.process import LOOPBACK, free_port
from tests.world import DEVELOPER, READ_ONLY, UPDATE_APP, Gateway, World

RULES = f"""
[[rule]]
id = "developers"
provider = "corp-oidc"
groups = ["Developers"]
roles = ["{UPDATE_APP}", "{DEVELOPER}"]
[[rule]]
id = "staff"
provider = "corp-oidc"
groups = ["Staff"]
roles = ["{READ_ONLY}"]
"""
_PROVIDER = """
[[provider]]
id = "corp-oidc"
kind = "oidc"
label = "Office"
issuer = "{issuer}"
client_id = "fedgate"
client_secret_file = "office.secret"
groups_claim = "groups"
scopes = ["openid", "profile", "email", "groups", "offline_access"]
mfa_amr = ["mfa"]
attributes = ["department", "costCenter"]
allow_private_network = true
"""


@dataclass(frozen=True, slots=True)
class Office:
    gateway: Gateway
    idp: LocalIdp

    @property
    def url(self) -> str:
        return self.gateway.url

    def arrive(self, key: str) -> Browser:
        """Somebody of the cast, signed in, at the page of their roles."""
        browser = Browser()
        page = browser.sign_in(browser.open(f"{self.url}/signin/corp-oidc"), User(key))
        assert isinstance(page, requests.Response), "nowhere to stop"
        assert page.url == f"{self.url}/", f"{key} came to {page.url.partition('?')[0]}: {page.status_code}"
        return browser

    def terminal(self, key: str) -> tuple[Browser, Tokens]:
        browser = self.arrive(key)
        return browser, bearer(self.url, browser)


@contextmanager
def open_office(
    world: World,
    *,
    rules: str = RULES,
    environment: Mapping[str, str] | None = None,
    told_secret: str = "",
    top: str = "",
    application: str = "wsgi:app",
    port: int | None = None,
    base_url: str = "",
) -> Iterator[Office]:
    """`told_secret`: what the gateway believes to be its client secret, where that is not the provider's. `top`: more
    keys of its gateway.toml. `base_url`: what stands in front of `port`."""
    port, secret = port or free_port(), secrets.token_urlsafe(32)
    url = base_url or f"http://{LOOPBACK}:{port}"
    registration = Registration(
        SamlApplication(f"{url}/signin/corp/metadata", f"{url}/signin/corp/acs"),
        OidcApplication(
            "fedgate",
            Secret(secret),
            f"{url}/signin/corp-oidc/callback",
            (f"{url}/signout",),
            f"{url}/signin/corp-oidc/logout",
        ),
    )
    with LocalIdp(registration) as idp:
        provider = _PROVIDER.format(issuer=idp.addresses.issuer)
        files = {"office.secret": told_secret or secret}
        gateway = world.gateway(
            provider,
            rules,
            port=port,
            files=files,
            top=top,
            environment=environment,
            application=application,
            base_url=base_url,
        )
        try:
            yield Office(gateway, idp)
        finally:
            assert gateway.process is not None
            gateway.process.stop()


def page_of(answer: requests.Response | Stopped) -> requests.Response:
    """The page; a browser without an `until` never stops before one."""
    assert isinstance(answer, requests.Response)
    return answer
