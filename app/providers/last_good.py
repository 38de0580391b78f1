"""Something fetched from a provider: fresh for a while, and the last good copy when the provider is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
from typing import Generic, TypeVar

from app.errors import ProviderUnavailable

_LOG = logging.getLogger("fedgate.providers")
# Who waits holds a thread of the worker. Without an end, a provider that hangs and a stranger who asks for it again and
# again would hold all of them, and people of other providers, and credentials, would wait as well.
_MOST_WAITING = 4
_EARLY = 0.75  # of its freshness: then the background fetches anew, so that nobody who signs in has to wait

_SLOW = "Your company's identity provider is slow to answer, and others are waiting already. Try again in a minute."

Fetched = TypeVar("Fetched")
# What all workers together may do when a value did not do: the newer value and its time, or None if there is none yet.
Together = Callable[[datetime, datetime | None], tuple[Fetched, datetime] | None]
Told = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How a copy stands, for people. `failure` is the reason word of the newest try, if that one failed."""

    fetched_at: datetime | None
    failed_at: datetime | None
    failure: str


class LastGood(Generic[Fetched]):
    """One value with a time to live; one fetch at a time, however many people sign in.

    `load` raises ProviderUnavailable when it cannot; then the last good value serves for up to a day
    (longer would keep a key alive that the provider has withdrawn), and the next try waits `pause`.
    Without a good value the error goes on to the caller, and people who come in the same second share it; when
    several are waiting already, the next one is told to come again.

    `name` is for the log; `told` hears of each fetch whether it worked.
    """

    def __init__(
        self,
        load: Callable[[], Fetched],
        *,
        fresh_for: timedelta = timedelta(hours=1),
        usable_for: timedelta = timedelta(hours=24),
        pause: timedelta = timedelta(seconds=60),
        name: str = "",
        together: Together[Fetched] | None = None,
        told: Told = lambda _worked: None,
    ) -> None:
        self._load, self._fresh_for, self._usable_for, self._pause = load, fresh_for, usable_for, pause
        self._name, self._together, self._told = name, together, told
        self._lock, self._room = Lock(), BoundedSemaphore(_MOST_WAITING)
        self._held: tuple[Fetched, datetime] | None = None
        self._tried_at: datetime | None = None
        self._forced_at: datetime | None = None
        self._failure: tuple[ProviderUnavailable, datetime] | None = None
        self._ended = 0  # tries that brought a value or a failure

    def get(self, now: datetime) -> Fetched:
        """The value, fetched if it is missing or no longer usable. One that is only stale serves while somebody else
        is fetching, or has just tried."""
        held = self._held
        if held and now - held[1] < self._fresh_for:
            return held[0]
        usable = held if held and now - held[1] < self._usable_for else None
        if usable and not self._paused_since(self._tried_at, now):
            return usable[0]
        if usable is None:
            return self._awaited(now)
        if not self._lock.acquire(blocking=False):
            return usable[0]
        try:
            return self._fetch(now)
        finally:
            self._lock.release()

    def held(self) -> Fetched:
        """The value in hand, for one who has just asked for it. Raises LookupError if nobody has."""
        if self._held is None:
            raise LookupError("nothing has been fetched yet")
        return self._held[0]

    def refresh(self, now: datetime) -> None:
        """In the background: fetch what will soon be stale. Raises ProviderUnavailable if there is nothing to serve."""
        if self._is_due(now):
            with self._lock:
                if self._is_due(now):
                    self._fetch(now)

    def again(self, now: datetime) -> Fetched | None:
        """The value fetched anew because the present one did not do; None if that was done just now.

        The limit is what keeps a stream of tokens with invented key ids from becoming a stream of
        requests to the provider.
        """
        if not self._room.acquire(blocking=False):
            return None
        try:
            with self._lock:
                return self._forced(now) if self._together is None else self._from_all(self._together, now)
        finally:
            self._room.release()

    def _forced(self, now: datetime) -> Fetched | None:
        if not self._paused_since(self._forced_at, now):
            return None
        self._forced_at = now
        return self._fetch(now)

    def _awaited(self, now: datetime) -> Fetched:
        """There is nothing to serve: what is fetched now, or what came of the try that somebody else was in."""
        ended = self._ended
        if not self._room.acquire(blocking=False):
            raise ProviderUnavailable(_SLOW, reason="provider.slow")
        try:
            with self._lock:
                came = self._held
                if came and now - came[1] < self._fresh_for:
                    return came[0]
                return self._fetch(now) if self._ended == ended else self._shared()
        finally:
            self._room.release()

    def _shared(self) -> Fetched:
        """For who waited while somebody else tried: what came of it. Otherwise all would try, one after the other."""
        if self._held is not None and self._failure is None:
            return self._held[0]
        assert self._failure is not None, "a try brings one or the other"
        raise ProviderUnavailable(self._failure[0].sentence, reason=self._failure[0].reason)

    def report(self) -> Report:
        held, failure = self._held, self._failure
        if failure is None:
            return Report(held[1] if held else None, None, "")
        return Report(held[1] if held else None, failure[1], failure[0].reason)

    def _from_all(self, together: Together[Fetched], now: datetime) -> Fetched | None:
        found = together(now, self._held[1] if self._held else None)
        if found is None:
            return None
        self._held, self._failure = found, None
        return found[0]

    def _fetch(self, now: datetime) -> Fetched:
        self._tried_at = now
        try:
            held = (self._load(), now)
        except ProviderUnavailable as away:
            self._failed(away, now)
            self._ended += 1
            if self._held is None or not now - self._held[1] < self._usable_for:
                raise
            return self._held[0]
        if self._failure is not None:
            _LOG.info("%s: fetched again", self._name)
        self._held, self._failure = held, None
        self._ended += 1
        self._told(True)
        return held[0]

    def _failed(self, away: ProviderUnavailable, now: datetime) -> None:
        """Said once and not every minute: a log that repeats itself is not read."""
        if self._failure is None or self._failure[0].reason != away.reason:
            serving = "the last good copy is in use" if self._held else "there is no copy"
            _LOG.warning("%s: not fetched: %s; %s", self._name, away.reason, serving)
        self._failure = (away, now)
        self._told(False)

    def _is_due(self, now: datetime) -> bool:
        stale = self._held is None or now - self._held[1] >= self._fresh_for * _EARLY
        return stale and self._paused_since(self._tried_at, now)

    def _paused_since(self, last: datetime | None, now: datetime) -> bool:
        return last is None or now - last >= self._pause
