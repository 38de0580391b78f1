"""Providers, made from what the operator says of them; and what is wrong with that, before anything is made."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from app.providers.addresses import NotAdmitted, check_url
from app.providers.board import Board, OneForAll
from app.providers.last_good import LastGood, Together
from app.providers.oidc.discovery import Endpoints, discover, fetch_json
from app.providers.oidc.exchange import Exchange
from app.providers.oidc.graph import Graph
from app.providers.oidc.keys import KeyRing, Keys, read_keys
from app.providers.oidc.people import People
from app.providers.oidc.provider import OidcProvider
from app.providers.oidc.userinfo import UserInfo
from app.providers.randomness import Random
from app.providers.refusals import unavailable
from app.providers.saml import configuration, metadata
from app.providers.saml import keys as own_keys
from app.providers.saml.metadata_limits import in_force, newer, unexpired
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.provider import SamlProvider
from app.providers.settings import OidcSettings, ProviderSettings, SamlSettings
from app.providers.wire import Fetch, Wire, WireFailure

Provider = OidcProvider | SamlProvider


@dataclass(frozen=True, slots=True)
class Made:
    """A provider, what it was made from, and what it has fetched: "discovery" and "keys", or "metadata"."""

    settings: ProviderSettings
    provider: Provider
    copies: Mapping[str, LastGood[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Maker:
    """`told` hears of each fetch: provider, what, and whether it worked. `board` is what all workers share, if any."""

    base_url: str
    tls: ssl.SSLContext
    random: Random
    fetch: Fetch | None = None
    board: Board | None = None
    told: Callable[[str, str, bool], None] = lambda _provider, _what, _worked: None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # for what is fetched when nobody has asked

    def make(self, settings: ProviderSettings) -> Made:
        here = f"{self.base_url}/signin/{settings.id}"
        wire = Wire(self.tls, settings.allow_private_network)
        match settings:
            case SamlSettings():
                return self._saml(settings, here, self.fetch or wire.get)
            case OidcSettings():
                return self._oidc(settings, f"{here}/callback", wire, self.fetch or wire.get)

    def _saml(self, settings: SamlSettings, here: str, fetch: Fetch) -> Made:
        us = ServiceProvider(
            entity_id=f"{here}/metadata",
            acs=f"{here}/acs",
            slo=f"{here}/logout",
            keys=own_keys.read_all(settings.keys),
            sign_requests=settings.sign_requests,
        )
        if not is_address(settings.metadata):
            known = metadata.read(settings.metadata.encode(), settings)
            return Made(settings, SamlProvider(settings, us, partial(unexpired, known, settings.label), self.random))

        def read(text: str) -> TrustedProvider:
            return unexpired(_read(settings, text), settings.label, self.clock())

        ask = partial(_fetched, settings, fetch)
        together = self._together("metadata", settings, settings.metadata, ask, read)
        copy = self._kept("metadata", settings, lambda: read(ask()), together)
        trusted, again = partial(in_force, copy, settings.label), partial(newer, copy, settings.label)
        return Made(settings, SamlProvider(settings, us, trusted, self.random, newer=again), {"metadata": copy})

    def _oidc(self, settings: OidcSettings, redirect_uri: str, wire: Wire, fetch: Fetch) -> Made:
        endpoints: LastGood[Endpoints] = self._kept("discovery", settings, lambda: discover(settings, fetch))

        def ask() -> str:
            """At the address of the discovery that is in force. Raises ProviderUnavailable."""
            return json.dumps(fetch_json(endpoints.held().jwks, settings, fetch))

        def read(raw: str) -> Keys:
            keys = read_keys(json.loads(raw))
            if not keys:
                raise unavailable(settings.label, "oidc.keys")
            return keys

        together = self._together("keys", settings, settings.issuer, ask, read)
        keys = self._kept("keys", settings, lambda: read(ask()), together)
        ring, exchange = KeyRing(keys), Exchange(settings, redirect_uri, wire)
        graph = Graph(settings, exchange, wire) if settings.graph else None
        provider = OidcProvider(
            settings=settings,
            endpoints=endpoints,
            keys=ring,
            exchange=exchange,
            people=People(settings, UserInfo(settings, wire, ring), graph),
            random=self.random,
        )
        return Made(settings, provider, {"discovery": endpoints, "keys": keys})

    def _together(
        self, what: str, settings: ProviderSettings, place: str, ask: Callable[[], str], read: Callable[[str], Any]
    ) -> Together[Any] | None:
        if self.board is None:
            return None
        return OneForAll(self.board, f"{settings.id} {place}", ask, read, told=partial(self.told, settings.id, what))

    def _kept(
        self,
        what: str,
        settings: ProviderSettings,
        load: Callable[[], Any],
        together: Together[Any] | None = None,
    ) -> LastGood[Any]:
        return LastGood(
            load,
            fresh_for=metadata.FRESH_FOR,
            name=f"provider {settings.id}: {what}",
            together=together,
            told=lambda worked: self.told(settings.id, what, worked),
        )


def problems(settings: Sequence[ProviderSettings]) -> list[str]:
    """What cannot be used, by provider and key; nothing is fetched for it."""
    return [problem for one in settings for problem in _problems(one)]


def _problems(settings: ProviderSettings) -> list[str]:
    if isinstance(settings, OidcSettings):
        found = _address_problems(settings.id, "issuer", settings.issuer, settings.allow_private_network)
        return found + (_graph_problems(settings) if settings.graph else [])
    found = [f"provider {settings.id}: {problem}" for problem in configuration.problems(settings)]
    if is_address(settings.metadata):
        return found + _address_problems(settings.id, "metadata", settings.metadata, settings.allow_private_network)
    try:
        metadata.read(settings.metadata.encode(), settings)
    except metadata.UnusableMetadata as unusable:
        found.append(f"provider {settings.id}: metadata cannot be used: {unusable}")
    return found


def _address_problems(provider_id: str, key: str, address: str, allow_private_network: bool) -> list[str]:
    try:
        check_url(address, allow_private_network)
    except NotAdmitted as bad:
        hint = "allow_private_network admits private addresses, and plain http on this machine"
        return [f"provider {provider_id}: {key} must be an https address ({bad}); {hint}"]
    return []


def _graph_problems(settings: OidcSettings) -> list[str]:
    """Only scheme and host: our own path follows, and the scope that is asked for is made from it."""
    found = _address_problems(settings.id, "graph", settings.graph, settings.allow_private_network)
    if not found and (urlsplit(settings.graph).path.strip("/") or urlsplit(settings.graph).query):
        return [f"provider {settings.id}: graph must be an address without a path, such as https://graph.microsoft.com"]
    return found


def _fetched(settings: SamlSettings, fetch: Fetch) -> str:
    try:
        return fetch(settings.metadata).decode()
    except WireFailure as failure:
        raise unavailable(settings.label, "saml.unreachable") from failure
    except UnicodeDecodeError as unreadable:
        raise unavailable(settings.label, "saml.metadata") from unreadable


def _read(settings: SamlSettings, text: str) -> TrustedProvider:
    try:
        return metadata.read(text.encode(), settings)
    except metadata.UnusableMetadata as unusable:
        raise unavailable(settings.label, unusable.reason) from unusable


def is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))
