"""What this process has seen: the newest version of each document, so that an older one is noticed."""

from __future__ import annotations

import threading
from collections import OrderedDict

_MOST = 20_000  # people of whom one worker remembers it; the longest unseen is forgotten first


class Versions:
    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def newest(self, key: str) -> int:
        with self._lock:
            return self._newest.get(key, 0)

    def saw(self, key: str, version: int) -> None:
        with self._lock:
            self._newest[key] = max(version, self._newest.pop(key, 0))
            while len(self._newest) > self._most:
                self._newest.popitem(last=False)
