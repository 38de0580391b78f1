"""How each provider stands, for the people who run the gateway. Looks only at what is in hand; nobody is asked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.core.expiry import Certificate
from app.errors import ProviderUnavailable
from app.providers.last_good import Report
from app.providers.making import Made, is_address
from app.providers.oidc.provider import OidcProvider
from app.providers.saml.peers import TrustedProvider
from app.providers.saml.provider import SamlProvider


@dataclass(frozen=True, slots=True)
class Copy:
    """Something fetched: "metadata", "discovery" or "keys"."""

    what: str
    report: Report


@dataclass(frozen=True, slots=True)
class Key:
    """A key with which the provider signs: its id, if it has one, and the thumbprint (RFC 7638)."""

    kid: str
    kind: str
    thumbprint: str


@dataclass(frozen=True, slots=True)
class ProviderState:
    """`name` is its entity id or issuer, empty while nobody knows; `source` an address, or empty for a file."""

    id: str
    label: str
    kind: str
    enabled: bool
    name: str
    source: str
    copies: tuple[Copy, ...]
    keys: tuple[Key, ...]
    certificates: tuple[Certificate, ...]
    addresses: tuple[tuple[str, str], ...]  # ours, for its administrator
    does: tuple[str, ...]  # what is signed, encrypted, required
    trouble: str = ""  # why it cannot be used now


def state_of(made: Made, now: datetime) -> ProviderState:
    copies = tuple(Copy(what, copy.report()) for what, copy in made.copies.items())
    match made.provider:
        case OidcProvider() as provider:
            return _oidc(made, provider, copies)
        case SamlProvider() as provider:
            return _saml(made, provider, copies, now)


def certificates_of(made: Made, now: datetime) -> tuple[Certificate, ...]:
    """Theirs that verify, ours towards them, and those that their metadata is checked with."""
    return state_of(made, now).certificates


def described(owner: str, certificate: x509.Certificate) -> Certificate:
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    return Certificate(owner, digest[:12], certificate.not_valid_after_utc)


def _oidc(made: Made, provider: OidcProvider, copies: tuple[Copy, ...]) -> ProviderState:
    settings = provider.settings
    redirect = provider.exchange.redirect_uri
    back_channel = f"{redirect.removesuffix('/callback')}/logout"
    does = ["client secret, PKCE S256"]
    if settings.passthrough:
        does.append("ID tokens are kept for AWS")
    if settings.graph:
        does.append(f"groups of people with too many are looked up at {settings.graph}")
    return ProviderState(
        settings.id,
        settings.label,
        provider.kind,
        settings.enabled,
        settings.issuer,
        f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        copies,
        tuple(_keys(made)),
        (),
        (("Redirect address", redirect), ("Back-channel logout", back_channel)),
        tuple(does),
    )


def _keys(made: Made) -> Iterator[Key]:
    try:
        held = made.copies["keys"].held()
    except LookupError:  # nobody has signed in yet
        return
    for key in held:
        yield Key(key.kid or "", key.algorithm or key.kind, key.key.thumbprint())


def _saml(made: Made, provider: SamlProvider, copies: tuple[Copy, ...], now: datetime) -> ProviderState:
    settings, us = provider.settings, provider.us
    them, trouble = _in_hand(made, provider, now)
    return ProviderState(
        settings.id,
        settings.label,
        provider.kind,
        settings.enabled,
        them.entity_id if them else "",
        settings.metadata if is_address(settings.metadata) else "",
        copies,
        (),
        tuple(_certificates(provider, them)),
        (("Entity ID and metadata", us.entity_id), ("ACS", us.acs), ("Single logout", us.slo)),
        tuple(_doings(provider)),
        trouble,
    )


def _in_hand(made: Made, provider: SamlProvider, now: datetime) -> tuple[TrustedProvider | None, str]:
    try:
        if "metadata" in made.copies:
            return made.copies["metadata"].held(), ""
        return provider.trusted(now), ""
    except LookupError:
        return None, ""
    except ProviderUnavailable as away:
        return None, away.reason


def _certificates(provider: SamlProvider, them: TrustedProvider | None) -> Iterator[Certificate]:
    settings = provider.settings
    for text in them.certificates if them else ():
        yield described(f"{settings.id}, signing", x509.load_der_x509_certificate(base64.b64decode(text)))
    for pair in provider.us.keys:
        yield described(f"{settings.id}, our key", pair.certificate)
    for text in settings.metadata_certificates:
        for one in x509.load_pem_x509_certificates(text.encode()):
            yield described(f"{settings.id}, of the metadata", one)


def _doings(provider: SamlProvider) -> Iterator[str]:
    settings = provider.settings
    yield "requests are signed" if provider.us.signing_key else "requests are not signed"
    if settings.require_encryption:
        yield "assertions must be encrypted"
    elif provider.us.keys:
        yield "assertions may be encrypted"
    yield "the whole response must be signed" if settings.response_signed else "the assertion must be signed"
    if settings.metadata_certificates:
        yield "metadata must be signed"
    if settings.idp_initiated:
        yield "answers that nobody asked for are taken, and the person is asked"
    if settings.passthrough:
        yield "assertions are kept for AWS"
