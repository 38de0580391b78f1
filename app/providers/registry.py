"""The providers of this gateway, by id, in the order of the configuration; as the configuration is now.

registry.get("corp")        the provider, or NotFound: removed and disabled ones do not exist, from now on
registry.admits("corp")     do people of this provider still count? asked at every request of theirs
registry.refresh(now)       in the background: what will soon be stale is fetched
"""

from __future__ import annotations

import logging
import os
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

from app.errors import ConfigurationProblems, NotFound, ProviderUnavailable
from app.providers.board import Board
from app.providers.making import Made, Maker, Provider, problems
from app.providers.randomness import Random
from app.providers.settings import ProviderSettings
from app.providers.wire import Fetch, trust

_LOG = logging.getLogger("fedgate.providers")
Source = Callable[[], Sequence[ProviderSettings]]

__all__ = ["Provider", "Registry", "build_registry"]


class Registry:
    """`source` is asked each time and says what is configured now; it gives the same object while nothing changes."""

    def __init__(self, maker: Maker, source: Source) -> None:
        self._maker, self._source = maker, source
        self._lock = Lock()
        self._settings = source()
        self._made = tuple(maker.make(one) for one in self._settings)

    def get(self, provider_id: str) -> Provider:
        """Raises NotFound. A provider that was taken out or disabled is gone at once, with its answers under way."""
        for made in self.made():
            if made.settings.id == provider_id and made.settings.enabled:
                return made.provider
        raise NotFound("There is no identity provider of that name here.", reason="provider.unknown")

    def admits(self, provider_id: str) -> bool:
        """Whether people whom this provider vouched for still count."""
        return any(made.settings.id == provider_id and made.settings.enabled for made in self.made())

    def __iter__(self) -> Iterator[Provider]:
        """Those by which people can sign in."""
        return iter([made.provider for made in self.made() if made.settings.enabled])

    def __len__(self) -> int:
        return sum(made.settings.enabled for made in self.made())

    @property
    def labels(self) -> Mapping[str, str]:
        return _Labels(self)

    def refresh(self, now: datetime) -> None:
        """So that nobody who signs in waits for a fetch. A provider that is away delays the others by seconds only."""
        for made in self.made():
            for copy in made.copies.values() if made.settings.enabled else ():
                try:
                    copy.refresh(now)
                except ProviderUnavailable:
                    break  # the copy has said so; and what stands on it (keys on discovery) cannot be had either

    def made(self) -> tuple[Made, ...]:
        """All, disabled ones too. What was not changed keeps what it has fetched."""
        settings = self._source()
        if settings is not self._settings:
            with self._lock:
                if settings is not self._settings:
                    self._make(settings)
        return self._made

    def _make(self, settings: Sequence[ProviderSettings]) -> None:
        before = {made.settings.id: made for made in self._made}
        made = []
        for one in settings:
            known = before.get(one.id)
            try:
                made.append(known if known is not None and known.settings == one else self._maker.make(one))
            except Exception:
                # `problems` should have said so. Without this provider the others go on; with the error, nobody would.
                _LOG.exception("provider %s cannot be made and is left out", one.id)
        self._made, self._settings = tuple(made), settings
        _LOG.info("providers in force: %s", ", ".join(one.id for one in settings if one.enabled) or "none")


class _Labels(Mapping[str, str]):
    """What people read, by id; of disabled ones too."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def _now(self) -> dict[str, str]:
        return {made.settings.id: made.settings.label for made in self._registry.made()}

    def __getitem__(self, provider_id: str) -> str:
        return self._now()[provider_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


def build_registry(
    settings: Sequence[ProviderSettings] | Source,
    base_url: str,
    *,
    environment: Mapping[str, str] = os.environ,
    random: Random = secrets.token_bytes,
    fetch: Fetch | None = None,
    tls: ssl.SSLContext | None = None,
    board: Board | None = None,
    told: Callable[[str, str, bool], None] = lambda _provider, _what, _worked: None,
) -> Registry:
    """Make the providers. Asks nobody anything yet: discovery and metadata are fetched at the first sign-in.

    `settings` may be a function, and is then followed (`Registry`). `environment` names the company's certificate
    authorities (SSL_CERT_FILE, REQUESTS_CA_BUNDLE); `tls` replaces them. `fetch` replaces the guarded GET of
    discovery, keys and metadata. `board` is where workers share what one of them fetched; `told` hears of each fetch.
    Raises ConfigurationProblems.
    """
    source = settings if callable(settings) else lambda: settings
    found = problems(source())
    if found:
        raise ConfigurationProblems(found)
    maker = Maker(base_url.rstrip("/"), tls or _trust_of(environment), random, fetch, board, told)
    return Registry(maker, source)


def _trust_of(environment: Mapping[str, str]) -> ssl.SSLContext:
    """The public authorities and those that the environment names, for all providers alike."""
    names = [name for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if environment.get(name)]
    try:
        return trust(tuple(environment[name] for name in names))
    except OSError as unreadable:  # ssl.SSLError is one
        problem = f"{' or '.join(names)}: expected a file of certificates in PEM that can be read"
        raise ConfigurationProblems([problem]) from unreadable
