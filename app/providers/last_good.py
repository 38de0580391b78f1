"""Something fetched from a provider: fresh for a while, and the last good copy when the provider is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from app.errors import ProviderUnavailable

Fetched = TypeVar("Fetched")


class LastGood(Generic[Fetched]):
    """One value with a time to live; one fetch at a time, however many people sign in.

    `load` raises ProviderUnavailable when it cannot; then the last good value serves for up to a day
    (longer would keep a key alive that the provider has withdrawn), and the next try waits `pause`.
    Without a good value the error goes on to the caller, and people who come in the same second share it.
    """

    def __init__(
        self,
        load: Callable[[], Fetched],
        *,
        fresh_for: timedelta = timedelta(hours=1),
        usable_for: timedelta = timedelta(hours=24),
        pause: timedelta = timedelta(seconds=60),
    ) -> None:
        self._load, self._fresh_for, self._usable_for, self._pause = load, fresh_for, usable_for, pause
        self._lock = Lock()
        self._held: tuple[Fetched, datetime] | None = None
        self._tried_at: datetime | None = None
        self._forced_at: datetime | None = None

    def get(self, now: datetime) -> Fetched:
        """The value, fetched if it is missing or no longer fresh."""
        with self._lock:
            if self._held and now - self._held[1] < self._fresh_for:
                return self._held[0]
            if self._held and self._may_still_serve(now) and not self._paused_since(self._tried_at, now):
                return self._held[0]
            return self._fetch(now)

    def held(self) -> Fetched:
        """The value in hand, for one who has just asked for it. Raises LookupError if nobody has."""
        if self._held is None:
            raise LookupError("nothing has been fetched yet")
        return self._held[0]

    def again(self, now: datetime) -> Fetched | None:
        """The value fetched anew because the present one did not do; None if that was done just now.

        The limit is what keeps a stream of tokens with invented key ids from becoming a stream of
        requests to the provider.
        """
        with self._lock:
            if not self._paused_since(self._forced_at, now):
                return None
            self._forced_at = now
            return self._fetch(now)

    def _fetch(self, now: datetime) -> Fetched:
        self._tried_at = now
        try:
            self._held = (self._load(), now)
        except ProviderUnavailable:
            if self._held is None or not self._may_still_serve(now):
                raise
        return self._held[0]

    def _paused_since(self, last: datetime | None, now: datetime) -> bool:
        return last is None or now - last >= self._pause

    def _may_still_serve(self, now: datetime) -> bool:
        return self._held is not None and now - self._held[1] < self._usable_for
