"""What must be remembered for a while: codes and refresh tokens, each taken once, and access tokens. In memory."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.local.idp.picking import Pick

CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(minutes=5)
REFRESH_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """Everything that the token endpoint needs about an authorization that happened."""

    pick: Pick
    nonce: str
    code_challenge: str
    scopes: frozenset[str]
    sid: str  # the session that it belongs to: when that ends, nothing of it is renewed


Kept = TypeVar("Kept")


@dataclass(slots=True)
class Keepsakes(Generic[Kept]):
    """Values under random names, each for one fixed time. Safe between threads."""

    life: timedelta
    clock: Callable[[], datetime]
    _kept: dict[str, tuple[datetime, Kept]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def put(self, value: Kept) -> str:
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._kept[name] = (self.clock() + self.life, value)
        return name

    def get(self, name: str) -> Kept | None:
        with self._lock:
            return self._alive(self._kept.get(name))

    def take(self, name: str) -> Kept | None:
        """Once only: of two who come with the same code at the same moment, one gets it."""
        with self._lock:
            return self._alive(self._kept.pop(name, None))

    def _alive(self, entry: tuple[datetime, Kept] | None) -> Kept | None:
        return entry[1] if entry and entry[0] > self.clock() else None

    def _forget_old(self) -> None:
        now = self.clock()
        for name in [name for name, (end, _) in self._kept.items() if end <= now]:
            del self._kept[name]
