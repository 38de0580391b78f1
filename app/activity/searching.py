"""What is searched for, as conditions. Every field that is empty is no condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, func, select

from app.core.identity import Person
from app.database.tables import activity

_LAST = "\U0010ffff"  # sorts behind every character, in the byte order of these columns
_ARN = "arn:"
_FEW = 200


@dataclass(frozen=True, slots=True)
class Search:
    """`key_id` and `address` are exact, or with `*` at the end all that begin so. `kind` likewise is one kind, or with
    a dot at the end all of that family. `role` is an ARN or a part of one, `name` a part of a name.
    """

    name: str = ""
    person: Person | None = None
    role: str = ""
    account: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    address: str = ""
    key_id: str = ""
    reference: str = ""

    def conditions(self, connection: Connection) -> list[ColumnElement[bool]]:
        column = activity.c
        found: list[ColumnElement[bool]] = []
        for exact, wanted in ((column.account, self.account), (column.reference, self.reference)):
            if wanted:
                found.append(exact == wanted)
        for either, wanted in ((column.access_key_id, self.key_id), (column.address, self.address)):
            if wanted:
                found.append(_begins(either, wanted))
        if self.kind:
            family = self.kind.endswith(".")
            found.append(column.kind.startswith(self.kind, autoescape=True) if family else column.kind == self.kind)
        if self.person is not None:
            found += [column.provider == self.person.provider, column.subject == self.person.subject]
        if self.name:
            found.append(_has(connection, column.name, self.name))
        if self.role:
            whole = self.role.startswith(_ARN)
            found.append(column.role == self.role if whole else _has(connection, column.role, self.role))
        return [*found, *self._when()]

    def _when(self) -> list[ColumnElement[bool]]:
        since = [activity.c.at >= self.since] if self.since is not None else []
        return [*since, *([activity.c.at < self.until] if self.until is not None else [])]


def _has(connection: Connection, column: Column[str], part: str) -> ColumnElement[bool]:
    """Where the part stands anywhere in it. Few of the many rows differ: those that fit are found first, from value to
    value of the index, so that what hardly anybody did needs no look at everything that ever happened."""
    table = activity.alias()
    value = table.c[column.name]
    each = select(func.min(value).label("text")).cte("each", recursive=True)
    behind = select(func.min(value)).where(value > each.c.text).scalar_subquery()
    each = each.union_all(select(behind).where(each.c.text.is_not(None)))
    fitting = select(each.c.text).where(_part(each.c.text, part)).limit(_FEW + 1)
    found = connection.execute(fitting).scalars().all()
    return column.in_(found) if len(found) <= _FEW else _part(column, part)  # of many, the newest rows have some


def _part(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return func.lower(column).contains(part.lower(), autoescape=True)


def _begins(column: Column[str], wanted: str) -> ColumnElement[bool]:
    """A range and not LIKE: SQLite's knows no case, so it does not use the index."""
    if not wanted.endswith("*"):
        return column == wanted
    begin = wanted.rstrip("*")
    return (column >= begin) & (column < begin + _LAST) & (column != "")
