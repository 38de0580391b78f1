"""Drawers in this process, for tests of what stands on them. The gateway itself always uses Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta


class MemoryDrawers:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[bytes, datetime]] = {}

    def put(self, name: str, value: bytes, ttl: timedelta) -> None:
        with self._lock:
            self._kept[name] = (value, self._clock() + ttl)

    def add(self, name: str, value: bytes, ttl: timedelta) -> bool:
        with self._lock:
            if self._live(name) is not None:
                return False
            self._kept[name] = (value, self._clock() + ttl)
            return True

    def get(self, name: str) -> bytes | None:
        with self._lock:
            return self._live(name)

    def take(self, name: str) -> bytes | None:
        with self._lock:
            value = self._live(name)
            self._kept.pop(name, None)
            return value

    def swap(self, name: str, old: bytes, new: bytes, ttl: timedelta | None = None) -> bool:
        with self._lock:
            if self._live(name) != old:
                return False
            self._kept[name] = (new, self._kept[name][1] if ttl is None else self._clock() + ttl)
            return True

    def drop(self, name: str, only: bytes | None = None) -> bool:
        with self._lock:
            there = self._live(name)
            if there is None or (only is not None and there != only):
                return False
            del self._kept[name]
            return True

    def count(self, name: str, window: timedelta) -> int:
        with self._lock:
            number = int(self._live(name) or b"0") + 1
            end = self._kept[name][1] if number > 1 else self._clock() + window
            self._kept[name] = (str(number).encode(), end)
            return number

    def ping(self) -> None:
        """Always there."""

    def _live(self, name: str) -> bytes | None:
        value, end = self._kept.get(name, (None, None))
        return value if end is not None and end > self._clock() else None
