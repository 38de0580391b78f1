"""The book of people, in the database."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.core.identity import Identity, People, Person
from app.core.remembered import Remembered
from app.database.engine import Database
from app.database.tables import people
from app.errors import DatabaseUnavailable
from app.people.crowd import Crowd
from app.people.rows import read_people, storable, values

_LOG = logging.getLogger("fedgate.people")
_AGAIN = timedelta(hours=1)  # who comes back unchanged within it is not written again
_PAUSE = 30.0  # seconds, after the database did not answer: no more sign-ins wait for it
_GROUPS_FRESH = 60.0  # seconds
_PART = 1_000  # people


@dataclass(frozen=True, slots=True)
class GroupSeen:
    provider: str
    name: str
    people: int


class PeopleBook:
    """`keeps`: for how long somebody is remembered; nothing at all if it is zero. `missed` counts those that could not
    be written. What reads raises DatabaseUnavailable."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        keeps: timedelta,
        missed: Callable[[], None] = lambda: None,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self.keeps = keeps
        self._missed = missed
        self._watch = watch
        self._not_before = 0.0
        self._groups: tuple[float, tuple[GroupSeen, ...]] = (float("-inf"), ())
        self._lock = threading.Lock()
        self._crowd = Crowd(self._since, self.count)

    def note(self, identity: Identity) -> None:
        """A provider has just said this. Never fails: nobody is kept out because they could not be remembered."""
        if not self.keeps or storable(identity.subject) != identity.subject:
            return
        if self._watch() < self._not_before:
            self._missed()
            return
        try:
            self._write(identity)
        except DatabaseUnavailable as away:
            self._not_before = self._watch() + _PAUSE
            self._missed()
            _LOG.warning("people are not remembered right now: %s", away.reason)
        except IntegrityError:
            pass  # another worker has just written the same person

    def all(self) -> Sequence[Remembered]:
        """Everybody who is remembered, by provider and name."""
        return self._crowd.all(self._clock() - self.keeps)

    def find(self, person: Person) -> Remembered | None:
        if any(storable(text) != text for text in (person.provider, person.subject)):
            return None
        with self._database.reading() as connection:
            return next(iter(read_people(connection.execute(_ASKED.where(_is(person), self._lately())))), None)

    def like(self, text: str, most: int = 20) -> list[Remembered]:
        """Whose name or subject has all the words of `text`, whatever their case; by name."""
        words = [or_(_has(_C.name, word), _has(_C.subject, word)) for word in storable(text).split()[:10]]
        asked = _ASKED.where(self._lately(), *words).order_by(_C.name, _C.provider, _C.subject).limit(most)
        with self._database.reading() as connection:
            return read_people(connection.execute(asked))

    def namesakes(self, who: Identity) -> list[Remembered]:
        """Other people of the same name: with several providers, perhaps the same human being."""
        if not who.name.strip() or storable(who.name) != who.name:
            return []
        asked = _ASKED.where(self._lately(), func.lower(_C.name) == func.lower(who.name), ~_is(who.person)).limit(20)
        with self._database.reading() as connection:
            return read_people(connection.execute(asked))

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(people).where(self._lately())).scalar() or 0

    def count_of(self, some: Iterable[People]) -> int:
        """How many people these are, of those who are remembered."""
        wanted = tuple(some)
        return sum(
            any(one.provider == who.person.provider and one.groups & who.groups for one in wanted) for who in self.all()
        )

    def groups_like(self, text: str = "", provider: str = "", most: int = 50) -> list[GroupSeen]:
        """Groups that somebody has, for choosing in forms: those of most people first. Up to a minute old."""
        words = text.casefold().split()
        found = (
            group
            for group in self._groups_seen()
            if provider in ("", group.provider) and all(word in group.name.casefold() for word in words)
        )
        return [group for group, _ in zip(found, range(most), strict=False)]

    def forget(self) -> int:
        """How many had not been seen for too long."""
        self._crowd.drop()
        with self._database.changing() as connection:
            return connection.execute(delete(people).where(~self._lately())).rowcount

    def _write(self, identity: Identity) -> None:
        wanted, now = values(identity), self._clock()
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(_is(identity.person))).one_or_none()
        if row is not None and _same(row, wanted) and now - row.seen_at < _AGAIN:
            return
        with self._database.changing() as connection:
            _put(connection, identity.person, {**wanted, "seen_at": now})

    def _since(self, moment: datetime | None) -> list[Remembered]:
        asked = _ASKED.where(self._lately())
        if moment is not None:
            asked = asked.where(_C.seen_at >= moment)
        with self._database.reading() as connection:
            # Part by part: what was only on the way is gone before the next comes, and the collector has less to do.
            return [one for part in connection.execute(asked).partitions(_PART) for one in read_people(part)]

    def _lately(self) -> ColumnElement[bool]:
        return _C.seen_at > self._clock() - self.keeps

    def _groups_seen(self) -> tuple[GroupSeen, ...]:
        with self._lock:
            made, found = self._groups
            if self._watch() - made > _GROUPS_FRESH:
                found = self._counted()
                self._groups = (self._watch(), found)
            return found

    def _counted(self) -> tuple[GroupSeen, ...]:
        asked = select(_C.provider, _C.groups, func.count()).where(self._lately()).group_by(_C.provider, _C.groups)
        counted: Counter[tuple[str, str]] = Counter()
        with self._database.reading() as connection:
            for provider, groups, number in connection.execute(asked):
                for group in json.loads(groups):
                    counted[provider, group] += number
        order = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(GroupSeen(provider, group, number) for (provider, group), number in order)


_C = people.c
_ASKED = select(_C.provider, _C.subject, _C.name, _C.groups, _C.attributes, _C.seen_at)


def _same(row: Row[Any], wanted: Mapping[str, str]) -> bool:
    return all(row._mapping[name] == value for name, value in wanted.items())


def _put(connection: Connection, person: Person, wanted: Mapping[str, object]) -> None:
    if not connection.execute(update(people).where(_is(person)).values(wanted)).rowcount:
        connection.execute(insert(people).values(provider=person.provider, subject=person.subject, **wanted))


def _is(person: Person) -> ColumnElement[bool]:
    return and_(_C.provider == person.provider, _C.subject == person.subject)


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return func.lower(column).contains(word.lower(), autoescape=True)
