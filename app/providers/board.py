"""One fetch for all workers: where the one that asked a provider posts what it was told.

Without it the limit "at most one fetch a minute for unknown keys" would be one for each worker and replica; and with a
limit alone, the workers that did not fetch would refuse the provider's new key for a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol

from app.errors import ProviderUnavailable
from app.providers.last_good import Fetched, Told

_PAUSE = timedelta(seconds=60)
_PATIENCE = 2.0  # seconds that a worker waits for what another is fetching
_LOOK = 0.05


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored document. `raw` is what the provider answered; empty if it gave nothing that can be used."""

    raw: str
    at: datetime


class Board(Protocol):
    """Shared by all workers; a `store.Shelf[Posted]` is one. What is posted there is sealed: whoever may only write to
    Redis cannot post a key of their own. Raises StoreUnavailable; sign-ins need the same store."""

    def get(self, key: str) -> Posted | None: ...

    def put(self, key: str, doc: Posted, ttl: timedelta) -> None: ...

    def add(self, key: str, doc: Posted, ttl: timedelta) -> bool: ...


class OneForAll(Generic[Fetched]):
    """`fetch` raises ProviderUnavailable; `read` reads what it gave, and what others posted. `told` hears of each fetch
    of this worker whether it worked.

    Nothing older than `pause` is on the board, so an old answer that somebody puts back into Redis is no use either.
    """

    def __init__(
        self,
        board: Board,
        key: str,
        fetch: Callable[[], str],
        read: Callable[[str], Fetched],
        *,
        pause: timedelta = _PAUSE,
        sleep: Callable[[float], None] = time.sleep,
        told: Told = lambda _worked: None,
    ) -> None:
        self._board, self._key, self._fetch, self._read = board, key, fetch, read
        self._pause, self._sleep, self._told = pause, sleep, told

    def __call__(self, now: datetime, newer_than: datetime | None) -> tuple[Fetched, datetime] | None:
        posted = self._board.get(self._key)
        if posted is None:
            if self._board.add(f"{self._key} asked", Posted("", now), self._pause):
                return self._asked(now)
            posted = self._awaited()
        if posted is None or not posted.raw or now - posted.at > self._pause:
            return None
        if newer_than is not None and posted.at <= newer_than:
            return None
        return self._readable(posted.raw, posted.at)

    def _asked(self, now: datetime) -> tuple[Fetched, datetime] | None:
        raw, found = "", None
        try:
            raw = self._fetch()
            found = self._readable(raw, now)
        except ProviderUnavailable:
            return None
        finally:  # also of a failure: those who wait need not wait in vain
            self._board.put(self._key, Posted(raw, now), self._pause)
            self._told(found is not None)
        return found

    def _readable(self, raw: str, at: datetime) -> tuple[Fetched, datetime] | None:
        """What nobody can read is no news: whoever asked early goes on with what they have."""
        try:
            return self._read(raw), at
        except ProviderUnavailable:
            return None

    def _awaited(self) -> Posted | None:
        """Somebody is asking at this moment. The first sign-in after a rotation must not fail for being the second."""
        for _ in range(int(_PATIENCE / _LOOK)):
            self._sleep(_LOOK)
            posted = self._board.get(self._key)
            if posted is not None:
                return posted
        return None
