"""What the provider knows about the one application that it serves, and about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Secret:
    """A shared secret that does not show itself in logs and tracebacks."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SamlApplication:
    """A SAML service provider: its entity id and the one address to which responses may go.

    Single Logout is offered to one that registered both an address for it and a certificate (PEM): a message about
    signing out counts only if it is signed.
    """

    entity_id: str
    acs: str
    slo: str = ""
    certificate_pem: bytes = b""

    @property
    def logs_out(self) -> bool:
        return bool(self.slo and self.certificate_pem)


@dataclass(frozen=True, slots=True)
class OidcApplication:
    """An OIDC client. Addresses are compared byte for byte (RFC 9700 section 2.1).

    `backchannel_uri` is where it is told that a session is over; empty: it is not told.
    """

    client_id: str
    secret: Secret
    redirect_uri: str
    post_logout_uris: tuple[str, ...] = ()
    backchannel_uri: str = ""

    def may_return_after_logout(self, uri: str) -> bool:
        return uri in self.post_logout_uris or uri == f"{origin(self.redirect_uri)}/"


@dataclass(frozen=True, slots=True)
class Registration:
    saml: SamlApplication
    oidc: OidcApplication

    @property
    def origins(self) -> tuple[str, ...]:
        """Where our forms may lead."""
        return tuple(sorted({origin(self.saml.acs), origin(self.oidc.redirect_uri)}))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Our own addresses, all made from one base URL; the Host header never takes part."""

    base_url: str

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def issuer(self) -> str:
        return self.base_url

    @property
    def saml_entity_id(self) -> str:
        return f"{self.base_url}/saml/metadata"

    @property
    def saml_sso(self) -> str:
        return f"{self.base_url}/saml/sso"

    @property
    def saml_slo(self) -> str:
        return f"{self.base_url}/saml/slo"

    def oidc(self, endpoint: str) -> str:
        return f"{self.base_url}/oidc/{endpoint}"


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
