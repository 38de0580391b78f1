"""People, as they were last seen: by what they are called, or by when they signed in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, Select, Subquery, and_, func, or_, select, tuple_, union_all

from app.core.events import Kind
from app.core.identity import Person
from app.database.engine import Database
from app.database.tables import activity, people
from app.errors import InvalidRequest

SIGNS_OF_LIFE = (Kind.SIGNED_IN, Kind.TERMINAL_APPROVED, Kind.DEVICE_APPROVED)


@dataclass(frozen=True, slots=True)
class Seen:
    """`at` is when they signed in last, in a browser or a terminal."""

    person: Person
    name: str
    at: datetime

    @property
    def place(self) -> str:
        """Where a list goes on after them."""
        return json.dumps([self.at.isoformat(), self.person.provider, self.person.subject])


@dataclass(frozen=True, slots=True)
class Known:
    """What was remembered of their last sign-in. Of somebody whom only the journal knows, there are no groups."""

    person: Person
    name: str
    seen_at: datetime | None = None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Persons:
    """Every method raises DatabaseUnavailable."""

    database: Database

    def find(self, text: str, since: datetime, most: int, after: str = "") -> Sequence[Seen]:
        """Whose name has this part, or whose subject it is; of all whom the gateway remembers, and of those who signed
        in since then. Last seen first; `after` is the `place` of the last one before.
        """
        remembered = select(people.c.provider, people.c.subject, people.c.name, people.c.seen_at.label("at"))
        there = _called(people.c.name, people.c.subject, text)
        lately = _signed_in(since).where(*_called(activity.c.name, activity.c.subject, text))
        both = union_all(remembered.where(*there), lately).subquery()
        return self._listed(_last_of_each(both), most, after)

    def signed_in(self, since: datetime, most: int, after: str = "") -> Sequence[Seen]:
        """Who signed in since then; whether anything of it is still alive, only `sessions` knows."""
        return self._listed(_signed_in(since).subquery(), most, after)

    def one(self, person: Person) -> Known | None:
        """None if neither the last sign-ins nor the journal know of such a person."""
        here = (people.c.provider == person.provider, people.c.subject == person.subject)
        there = (activity.c.provider == person.provider, activity.c.subject == person.subject, activity.c.name != "")
        last = select(activity.c.name).where(*there).order_by(activity.c.at.desc()).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(select(people).where(*here)).one_or_none()
            if row is not None:
                return Known(person, row.name, row.seen_at, tuple(json.loads(row.groups)))
            name = connection.execute(last).scalar()
        return None if name is None else Known(person, name)

    def _listed(self, found: Subquery, most: int, after: str) -> Sequence[Seen]:
        column = found.c
        order = (column.at.desc(), column.provider, column.subject)
        with self.database.reading() as connection:
            rows = connection.execute(select(found).where(*_behind(found, after)).order_by(*order).limit(most))
            return [Seen(Person(row.provider, row.subject), row.name, row.at) for row in rows]


def _signed_in(since: datetime) -> Select[tuple[str, str, str, datetime]]:
    column = activity.c
    return (
        select(column.provider, column.subject, func.max(column.name).label("name"), func.max(column.at).label("at"))
        .where(column.kind.in_(SIGNS_OF_LIFE), column.at >= since, column.subject != "")
        .group_by(column.provider, column.subject)
    )


def _last_of_each(both: Subquery) -> Subquery:
    column = both.c
    return (
        select(column.provider, column.subject, func.max(column.name).label("name"), func.max(column.at).label("at"))
        .group_by(column.provider, column.subject)
        .subquery()
    )


def _called(name: Column[str], subject: Column[str], text: str) -> list[ColumnElement[bool]]:
    part = func.lower(name).contains(text.lower(), autoescape=True)
    return [or_(part, subject == text)] if text else []


def _behind(found: Subquery, after: str) -> list[ColumnElement[bool]]:
    """Behind this place in the list; raises InvalidRequest if it is none."""
    if not after:
        return []
    try:
        at, provider, subject = json.loads(after)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or "\0" in f"{provider}{subject}":
            raise ValueError("no place")
        moment = moment.astimezone(UTC)
        for text in (provider, subject):
            text.encode()  # as a database would, and neither half a character nor a number can be
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidRequest("There is no such place in this list. Begin it again.", reason="people.place") from None
    column = found.c
    behind = tuple_(column.provider, column.subject) > (provider, subject)
    return [or_(column.at < moment, and_(column.at == moment, behind))]
