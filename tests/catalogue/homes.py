"""The providers that the gateway of the catalogue is told about, and how it is started."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.catalogue.stage import Journal, Stage
from tests.forges.oidc import OidcForge
from tests.forges.replies import fail, send
from tests.forges.saml import TOKEN, SamlForge
from tests.servers.process import LOOPBACK, free_port
from tests.theft.aging import Opener
from tests.world import UPDATE_APP, Gateway, World

_SAML = """
[[provider]]
id = "{id}"
kind = "saml"
label = "Corp"
metadata = "{metadata}"
email_attribute = "email"
attributes = ["department", "costCenter"]
mfa_contexts = ["{context}"]
{more}
"""
_OIDC = """
[[provider]]
id = "{id}"
kind = "oidc"
label = "Op"
issuer = "{issuer}"
client_id = "{client_id}"
client_secret_file = "{id}.secret"
attributes = ["department"]
mfa_amr = ["mfa", "hwk"]
allow_private_network = true
{more}
"""
_RULES = f"""
[[rule]]
id = "everybody"
provider = "corp"
groups = ["aws-dev"]
roles = ["{UPDATE_APP}"]
"""


@dataclass(frozen=True, slots=True)
class SamlHome:
    """`forge` makes the provider; `metadata` what the operator is given, or the address of it (then it is TOML)."""

    forge: Callable[[], SamlForge] = SamlForge
    metadata: Callable[[SamlForge], str] = lambda forge: forge.metadata()
    more: str = ""  # TOML
    files: Mapping[str, str] = field(default_factory=dict)  # that `more` names
    served: str = ""  # the metadata is at an address: `whole`, or broken in one of the ways of `tests.forges.replies`


@dataclass(frozen=True, slots=True)
class OidcHome:
    """`before` twists the provider before the gateway has ever seen it: what is fetched once is fetched then."""

    before: Callable[[OidcForge], object] = lambda _forge: None
    more: str = ""  # TOML; `{base}` in it is the server's address
    alone: bool = False  # at a port of its own


Homes = Mapping[str, SamlHome | OidcHome]

HOMES: Homes = {
    "corp": SamlHome(),
    "other": SamlHome(lambda: SamlForge("https://other.example.com/saml")),
    "elliptic": SamlHome(lambda: SamlForge(key=ec.generate_private_key(ec.SECP256R1()))),
    "whole": SamlHome(more="response_signed = true"),
    "hour": SamlHome(more="max_validity_minutes = 60"),
    "off": SamlHome(more="enabled = false"),
    "op": OidcHome(),
    "op-other": OidcHome(),
    "op-off": OidcHome(more="enabled = false"),
}


@contextmanager
def open_stage(world: World, homes: Homes) -> Iterator[Stage]:
    """One gateway with all of these providers; it ends with the stage."""
    port = free_port()
    with ExitStack() as ends:
        saml = {name: home.forge() for name, home in homes.items() if isinstance(home, SamlHome)}
        port_of_all = ends.enter_context(OidcForge())
        oidc = _open_ops(homes, port_of_all, ends)
        port_of_all.tenants["/served"] = Served(homes, saml)
        tables = {name: _table(name, home, oidc, port_of_all.base) for name, home in homes.items()}
        files = _files(homes, saml, oidc)
        key = secrets.token_bytes(32)
        gateway = world.gateway(
            "".join(tables.values()),
            _RULES,
            port=port,
            files=files,
            environment={
                "FEDGATE_TRUSTED_PROXIES": "1",  # each row comes from an address of its own
                "FEDGATE_SEALING_KEYS": base64.b64encode(key).decode(),
            },
        )
        assert gateway.process is not None
        ends.callback(gateway.process.stop)
        yield Stage(
            gateway,
            world,
            saml,
            oidc,
            rsa.generate_private_key(public_exponent=65537, key_size=2048),
            Journal(gateway.folder),
            lambda name, more: _rewrite(gateway, tables | {name: tables[name] + more}),
            Opener(world.redis_url, key),
        )


class Served(OidcForge):
    """Metadata at addresses, `/served/<provider>`; broken where its home says so."""

    def __init__(self, homes: Homes, saml: Mapping[str, SamlForge]) -> None:
        self._homes, self._saml = homes, saml

    def answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        name = handler.path.rpartition("/")[2]
        home = self._homes.get(name)
        if not isinstance(home, SamlHome) or home.served != "whole":
            return fail(handler, home.served if isinstance(home, SamlHome) else "404")
        return send(handler, home.metadata(self._saml[name]).encode(), 200)


def _open_ops(homes: Homes, port: OidcForge, ends: ExitStack) -> dict[str, OidcForge]:
    """All at one port: forty servers would keep both processors busy by waiting."""
    made: dict[str, OidcForge] = {}
    for name, home in homes.items():
        if isinstance(home, OidcHome):
            made[name] = ends.enter_context(OidcForge()) if home.alone else OidcForge(f"/{name}", beside=port)
            home.before(made[name])
    return made


def _files(homes: Homes, saml: Mapping[str, SamlForge], oidc: Mapping[str, OidcForge]) -> dict[str, str]:
    files = {f"{name}.secret": op.client_secret for name, op in oidc.items()}
    for name, home in homes.items():
        if isinstance(home, SamlHome):
            files |= {f"{name}.xml": home.metadata(saml[name]), **home.files}
    return files


def _table(name: str, home: SamlHome | OidcHome, oidc: Mapping[str, OidcForge], base: str) -> str:
    if isinstance(home, SamlHome):
        where = f"{base}/served/{name}" if home.served else f"{name}.xml"
        more = "allow_private_network = true\n" if home.served else ""
        return _SAML.format(id=name, context=TOKEN, metadata=where, more=more + home.more)
    op, more = oidc[name], home.more.replace("{base}", oidc[name].base)
    return _OIDC.format(id=name, issuer=op.issuer, client_id=op.client_id, more=more)


def _rewrite(gateway: Gateway, tables: Mapping[str, str]) -> None:
    """As an operator would: the file replaced at once, by a rename."""
    path = gateway.folder / "gateway.toml"
    head = path.read_text("utf-8").partition("[[provider]]")[0]
    new = path.with_suffix(".new")
    new.write_text(head + "".join(tables.values()), "utf-8")
    new.replace(path)


def pem(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM).decode()


__all__ = ["HOMES", "LOOPBACK", "Homes", "OidcHome", "SamlHome", "open_stage", "pem"]
