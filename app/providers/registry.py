"""The providers of this gateway, by id, in the order of the configuration."""

from __future__ import annotations

import os
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import ConfigurationProblems, NotFound
from app.providers.addresses import NotAdmitted, check_url
from app.providers.last_good import LastGood
from app.providers.oidc.discovery import Endpoints, discover, fetch_json
from app.providers.oidc.exchange import Exchange
from app.providers.oidc.keys import KeyRing, Keys, read_keys
from app.providers.oidc.provider import OidcProvider
from app.providers.oidc.userinfo import UserInfo
from app.providers.randomness import Random
from app.providers.refusals import unavailable
from app.providers.saml import metadata
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.provider import SamlProvider
from app.providers.settings import OidcSettings, ProviderSettings, SamlSettings
from app.providers.wire import Fetch, Wire, WireFailure, trust

Provider = OidcProvider | SamlProvider


@dataclass(frozen=True, slots=True)
class Registry:
    providers: tuple[Provider, ...]

    def get(self, provider_id: str) -> Provider:
        """Raises NotFound. A provider that was taken out of the configuration is gone at once, with its answers."""
        for provider in self.providers:
            if provider.id == provider_id:
                return provider
        raise NotFound("There is no identity provider of that name here.", reason="provider.unknown")

    def __iter__(self) -> Iterator[Provider]:
        return iter(self.providers)

    def __len__(self) -> int:
        return len(self.providers)


def build_registry(
    settings: Sequence[ProviderSettings],
    base_url: str,
    *,
    environment: Mapping[str, str] = os.environ,
    random: Random = secrets.token_bytes,
    fetch: Fetch | None = None,
    tls: ssl.SSLContext | None = None,
) -> Registry:
    """Make the providers. Asks nobody anything yet: discovery and metadata are fetched at the first sign-in.

    `environment` names the company's certificate authorities (SSL_CERT_FILE, REQUESTS_CA_BUNDLE); `tls`
    replaces them. `fetch` replaces the guarded GET of discovery, keys and metadata. Raises
    ConfigurationProblems.
    """
    problems = [problem for one in settings for problem in _problems(one)]
    if problems:
        raise ConfigurationProblems(problems)
    tls = tls or _trust_of(environment)
    return Registry(tuple(_build(one, base_url.rstrip("/"), tls, random, fetch) for one in settings))


def _problems(settings: ProviderSettings) -> list[str]:
    """What cannot be used, by the key's name."""
    if isinstance(settings, OidcSettings):
        return _address_problems(settings.id, "issuer", settings.issuer, settings.allow_private_network)
    if _is_address(settings.metadata):
        return _address_problems(settings.id, "metadata", settings.metadata, settings.allow_private_network)
    try:
        metadata.read(settings.metadata.encode(), settings)
    except metadata.UnusableMetadata as unusable:
        return [f"provider {settings.id}: metadata cannot be used: {unusable}"]
    return []


def _address_problems(provider_id: str, key: str, address: str, allow_private_network: bool) -> list[str]:
    try:
        check_url(address, allow_private_network)
    except NotAdmitted as bad:
        hint = "allow_private_network admits private addresses, and plain http on this machine"
        return [f"provider {provider_id}: {key} must be an https address ({bad}); {hint}"]
    return []


def _build(
    settings: ProviderSettings, base_url: str, tls: ssl.SSLContext, random: Random, fetch: Fetch | None
) -> Provider:
    wire = Wire(tls, settings.allow_private_network)
    fetch = fetch or wire.get
    here = f"{base_url}/signin/{settings.id}"
    match settings:
        case SamlSettings():
            us = ServiceProvider(entity_id=f"{here}/metadata", acs=f"{here}/acs")
            return SamlProvider(settings, us, _trust(settings, fetch), random)
        case OidcSettings():
            return _build_oidc(settings, f"{here}/callback", wire, random, fetch)


def _trust_of(environment: Mapping[str, str]) -> ssl.SSLContext:
    """The public authorities and those that the environment names, for all providers alike."""
    names = [name for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if environment.get(name)]
    try:
        return trust(tuple(environment[name] for name in names))
    except OSError as unreadable:  # ssl.SSLError is one
        problem = f"{' or '.join(names)}: expected a file of certificates in PEM that can be read"
        raise ConfigurationProblems([problem]) from unreadable


def _build_oidc(settings: OidcSettings, redirect_uri: str, wire: Wire, random: Random, fetch: Fetch) -> OidcProvider:
    endpoints: LastGood[Endpoints] = LastGood(lambda: discover(settings, fetch))
    return OidcProvider(
        settings=settings,
        endpoints=endpoints,
        keys=KeyRing(LastGood(lambda: _keys(settings, endpoints, fetch))),
        exchange=Exchange(settings, redirect_uri, wire),
        userinfo=UserInfo(settings, wire),
        random=random,
    )


def _keys(settings: OidcSettings, endpoints: LastGood[Endpoints], fetch: Fetch) -> Keys:
    """The keys at the address of the discovery that is in force."""
    keys = read_keys(fetch_json(endpoints.held().jwks, settings, fetch))
    if not keys:
        raise unavailable(settings.label, "oidc.keys")
    return keys


def _trust(settings: SamlSettings, fetch: Fetch) -> Callable[[datetime], TrustedProvider]:
    """Metadata of a file is read once; metadata at an address every hour, with the last good copy behind it."""
    if not _is_address(settings.metadata):
        known = metadata.read(settings.metadata.encode(), settings)
        return lambda _now: known
    return LastGood(lambda: _fetched(settings, fetch), fresh_for=metadata.FRESH_FOR).get


def _fetched(settings: SamlSettings, fetch: Fetch) -> TrustedProvider:
    try:
        return metadata.read(fetch(settings.metadata), settings)
    except WireFailure as failure:
        raise unavailable(settings.label, "saml.unreachable") from failure
    except metadata.UnusableMetadata as unusable:
        raise unavailable(settings.label, "saml.metadata") from unusable


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))
