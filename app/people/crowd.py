"""Everybody who is remembered, kept between two looks: somebody who weighs a change looks several times within minutes,
and to read fifty thousand people anew takes longer than all the rest. Only who was seen since the last look is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.identity import Person
from app.core.remembered import Remembered

_OVERLAP = timedelta(minutes=5)  # replicas write by clocks of their own, and a row appears a little after its time


@dataclass(slots=True)
class Crowd:
    """`since` reads everybody who was seen at that moment or later, or all for None; `count` counts them all."""

    since: Callable[[datetime | None], list[Remembered]]
    count: Callable[[], int]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[Person, Remembered] = field(default_factory=dict)
    _ordered: tuple[Remembered, ...] = ()

    def all(self, not_before: datetime) -> tuple[Remembered, ...]:
        """By provider and name; without those who were last seen before that."""
        with self._lock:
            if self._known:
                newest = max(_at(one) for one in self._known.values())
                self._learn(self.since(newest - _OVERLAP), not_before)
            if not self._known or len(self._known) != self.count():  # somebody was taken out of the table
                self._known = {one.person: one for one in self.since(None)}
                self._put_in_order()
            return self._ordered

    def drop(self) -> None:
        with self._lock:
            self._known, self._ordered = {}, ()

    def _learn(self, seen: list[Remembered], not_before: datetime) -> None:
        gone = [person for person, one in self._known.items() if _at(one) <= not_before]
        fresh = {one.person: one for one in seen if self._known.get(one.person) != one}
        if gone or fresh:
            for person in gone:
                del self._known[person]
            self._known |= fresh
            self._put_in_order()

    def _put_in_order(self) -> None:
        order = sorted(self._known.values(), key=lambda one: (one.person.provider, one.name, one.person.subject))
        self._ordered = tuple(order)


def _at(one: Remembered) -> datetime:
    assert one.seen_at is not None  # the table has it of everybody
    return one.seen_at
