"""Under which names (SessionIndex, `sid`) an application was told of whom: what one must know to take it back."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime

from app.local.cast import CastMember

MOST = 50  # the oldest are forgotten: this server runs for days beside somebody's editor


@dataclass(frozen=True, slots=True)
class GivenSession:
    index: str
    member: CastMember
    at: datetime


class GivenSessions:
    """In memory, for all browsers alike: nobody here is real."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._given: dict[str, GivenSession] = {}

    def begin(self, member: CastMember, at: datetime) -> str:
        """A new session of this person; its index."""
        index = f"_{secrets.token_hex(16)}"
        with self._lock:
            self._given[index] = GivenSession(index, member, at)
            while len(self._given) > self._most:
                del self._given[next(iter(self._given))]
        return index

    def newest_first(self) -> list[GivenSession]:
        with self._lock:
            return list(reversed(self._given.values()))

    def find(self, index: str) -> GivenSession | None:
        with self._lock:
            return self._given.get(index)

    def end(self, subject: str, indexes: tuple[str, ...]) -> list[GivenSession]:
        """End these sessions of the person, or all of theirs if none is named; what was ended."""
        with self._lock:
            ended = [
                given
                for given in self._given.values()
                if given.member.subject == subject and (not indexes or given.index in indexes)
            ]
            for given in ended:
                del self._given[given.index]
            return ended
