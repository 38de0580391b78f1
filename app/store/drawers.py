"""What a place that keeps bytes must be able to do. `redis.py` and `memory.py` pass one suite of tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class Drawers(Protocol):
    """Named bytes with an end. Every call raises `StoreUnavailable` rather than guess.

    Each operation is atomic with respect to every other process that uses the same drawers.
    """

    def put(self, name: str, value: bytes, ttl: timedelta) -> None: ...

    def add(self, name: str, value: bytes, ttl: timedelta) -> bool:
        """Put only if nothing is there. False if something is."""
        ...

    def get(self, name: str) -> bytes | None: ...

    def take(self, name: str) -> bytes | None:
        """Get and remove in one step: two callers never both receive it."""
        ...

    def swap(self, name: str, old: bytes, new: bytes, ttl: timedelta | None = None) -> bool:
        """Replace `old` by `new` if `old` is still there; keeps the end unless `ttl` is given."""
        ...

    def drop(self, name: str, only: bytes | None = None) -> bool:
        """Remove; with `only`, remove only if that is what is there. True if something was removed."""
        ...

    def count(self, name: str, window: timedelta) -> int:
        """One more; how many since the first, whose `window` ends the count."""
        ...

    def ping(self) -> None: ...
