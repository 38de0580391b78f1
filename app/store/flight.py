"""One flight per key: of many who want the same thing at the same time, one fetches it for all.

    first caller:  lease ── fetch ── land(result or failure) ── release
    the others:    look at what has landed ── wait a moment ── look again
    leader dies:   the lease runs out within seconds, and one of those who wait leads

The lease lives in Redis, so this holds across threads, workers and replicas. The leader renews it from a
thread of its own for as long as the fetch takes, so a slow call does not start a second one.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from app.errors import StoreUnavailable
from app.store.drawers import Drawers
from app.store.sealing import Sealer

LEASE = timedelta(seconds=3)
_FIRST_WAIT, _LONGEST_WAIT = 0.02, 0.25  # seconds between two looks

T = TypeVar("T")


class Flights:
    def __init__(self, drawers: Drawers, sealer: Sealer) -> None:
        self._drawers = drawers
        self._sealer = sealer

    def share(self, key: str, landed: Callable[[], T | None], fetch: Callable[[], T], patience: timedelta) -> T:
        """What `landed` finds, or else what `fetch` brings; `fetch` must put it where `landed` looks.

        An exception of `landed` or `fetch` passes to the caller. Raises StoreUnavailable when nothing
        has landed within `patience`.
        """
        deadline = time.monotonic() + patience.total_seconds()
        wait = _FIRST_WAIT
        while True:
            found = landed()
            if found is not None:
                return found
            with self.lead(key) as leads:
                if leads:
                    # Somebody may have landed between our look and our lease.
                    found = landed()
                    return fetch() if found is None else found
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    "This is taking too long because many are asking at once. Try again in a minute.",
                    reason="flight.patience",
                    retry_after=5,
                )
            time.sleep(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT)

    @contextmanager
    def lead(self, key: str) -> Iterator[bool]:
        """True for one at a time, of all threads, workers and replicas; the others need not wait for it."""
        name = self._sealer.names("flight", key)[0]
        mine = secrets.token_bytes(16)
        if not self._drawers.add(name, mine, LEASE):
            yield False
            return
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(name, mine, done), daemon=True)
        renewing.start()
        try:
            yield True
        finally:
            done.set()
            # What was fetched, or why it failed, matters more than the lease, which ends by itself.
            with suppress(StoreUnavailable):
                self._drawers.drop(name, only=mine)

    def _renew(self, name: str, mine: bytes, done: threading.Event) -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                if not self._drawers.swap(name, mine, mine, LEASE):
                    return
            except StoreUnavailable:
                continue  # the next try may work; if not, the lease ends and another leads
