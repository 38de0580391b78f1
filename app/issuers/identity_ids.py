"""Which Cognito identity a person is in a pool. Cognito answers GetId rarely (25 a second), and always the same."""

from __future__ import annotations

import threading
from collections import OrderedDict

_MOST = 10_000


class IdentityIds:
    """In this process only; what is forgotten is asked again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: OrderedDict[tuple[str, str], str] = OrderedDict()

    def get(self, pool: str, subject: str) -> str | None:
        with self._lock:
            return self._ids.get((pool, subject))

    def keep(self, pool: str, subject: str, identity: str) -> None:
        with self._lock:
            self._ids[pool, subject] = identity
            while len(self._ids) > _MOST:
                self._ids.popitem(last=False)

    def forget(self, pool: str, subject: str) -> None:
        with self._lock:
            self._ids.pop((pool, subject), None)
