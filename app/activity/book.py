"""The table of the journal's lines: written in batches, read newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, tuple_

from app.activity.entries import Entry, entry_of, row_of
from app.activity.searching import Search
from app.database.engine import Database
from app.database.tables import activity
from app.errors import InvalidRequest, NotFound

BATCH = 500  # lines in one transaction: some milliseconds, for which another writer may have to wait
_LINE = re.compile("[0-9a-f]{64}", re.ASCII)
_NEWEST_FIRST = (activity.c.at.desc(), activity.c.id.desc())


@dataclass(frozen=True, slots=True)
class ActivityBook:
    """Every method raises DatabaseUnavailable."""

    database: Database

    def add(self, entries: Sequence[Entry]) -> int:
        """How many were new. A line that is read twice is kept once."""
        wanted = {entry.line: entry for entry in entries}
        with self.database.changing() as connection:
            known = _known(connection, wanted)
            fresh = [row_of(entry) for line, entry in wanted.items() if line not in known]
            if fresh:
                connection.execute(insert(activity), fresh)
            return len(fresh)

    def put_right(self, entries: Sequence[Entry]) -> None:
        """As `add`; but what is here is replaced by what the journal says."""
        wanted = {entry.line: row_of(entry) for entry in entries}
        with self.database.changing() as connection:
            connection.execute(delete(activity).where(activity.c.line.in_(wanted)))
            if wanted:
                connection.execute(insert(activity), list(wanted.values()))

    def knows(self, line: str) -> bool:
        with self.database.reading() as connection:
            return bool(_known(connection, [line]))

    def search(self, search: Search, most: int, after: str = "") -> Sequence[Entry]:
        """Newest first. `after`: the `line` of the entry with which the page before this one ended."""
        with self.database.reading() as connection:
            asked = select(activity).where(*search.conditions(connection)).order_by(*_NEWEST_FIRST).limit(most)
            if after:
                asked = asked.where(tuple_(activity.c.at, activity.c.id) < _place(connection, after))
            return [entry_of(row) for row in connection.execute(asked)]

    def event(self, line: str) -> Entry:
        """Raises NotFound."""
        row = None
        if _LINE.fullmatch(line):
            with self.database.reading() as connection:
                row = connection.execute(select(activity).where(activity.c.line == line)).one_or_none()
        if row is None:
            raise NotFound("There is no such event, or it is too old to be kept here. The journal has it for longer.")
        return entry_of(row)

    def beside(self, entry: Entry, most: int) -> Sequence[Entry]:
        """What else happened in the same request, and in the same browser or terminal session; newest first."""
        column = activity.c
        same = [column.reference == entry.reference] if entry.reference else []
        if entry.session and entry.person is not None:
            told = column.facts.contains(f'"session":"{entry.session}"', autoescape=True)
            same.append(and_(column.provider == entry.provider, column.subject == entry.subject, told))
        if not same:
            return []
        asked = select(activity).where(or_(*same), column.line != entry.line).order_by(*_NEWEST_FIRST).limit(most)
        with self.database.reading() as connection:
            return [entry_of(row) for row in connection.execute(asked)]

    def forget(self, before: datetime, most: int = BATCH) -> int:
        """Removes the oldest of those before that moment, at most so many; how many it were."""
        oldest = select(activity.c.id).where(activity.c.at < before).order_by(activity.c.at).limit(most)
        with self.database.changing() as connection:
            ids = connection.execute(oldest).scalars().all()
            connection.execute(delete(activity).where(activity.c.id.in_(ids)))
            return len(ids)

    def count(self) -> int:
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(activity)).scalar_one()


def _known(connection: Connection, lines: Iterable[str]) -> set[str]:
    return set(connection.execute(select(activity.c.line).where(activity.c.line.in_(lines))).scalars())


def _place(connection: Connection, line: str) -> tuple[datetime, int]:
    asked = select(activity.c.at, activity.c.id).where(activity.c.line == line)
    row = connection.execute(asked).one_or_none() if _LINE.fullmatch(line) else None
    if row is None:
        raise InvalidRequest(
            "The page before this one is too old to go on from. Search again.", reason="activity.place"
        )
    return row.at, row.id
