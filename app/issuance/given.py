"""When the last of the credentials that somebody was given ends. AWS ends none of them before; a sign-out says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.identity import Person
from app.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class LastEnd:
    """A stored document, under provider and subject."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenOut:
    ends: Shelf[LastEnd]
    clock: Callable[[], datetime]

    def note(self, person: Person, end: datetime) -> None:
        """Of two ends the later one stays."""
        key, left = _key(person), end - self.clock()
        if left > timedelta(0) and not self.ends.add(key, LastEnd(end), left):
            self.ends.change(key, lambda known: LastEnd(end) if end > known.at else None, left)

    def until(self, person: Person) -> datetime | None:
        """None if nothing that was given out can still be used."""
        known = self.ends.get(_key(person))
        return known.at if known is not None and known.at > self.clock() else None


def _key(person: Person) -> str:
    return json.dumps([person.provider, person.subject])
