"""What is searched for, as conditions. Every field that is empty is no condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, func, or_

from app.core.identity import Person
from app.database.tables import activity

_LAST = "\U0010ffff"  # sorts behind every character, in the byte order of these columns
_ARN = "arn:"


@dataclass(frozen=True, slots=True)
class Search:
    """`key_id` and `address` are exact, or with `*` at the end all that begin so. `kind` likewise is one kind, or with
    a dot at the end all of that family. `role` is an ARN or a part of one, `name` a part of a name or a whole subject.
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

    def conditions(self) -> list[ColumnElement[bool]]:
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
        return [*found, *self._who(), *self._role(), *self._when()]

    def _who(self) -> list[ColumnElement[bool]]:
        column = activity.c
        found: list[ColumnElement[bool]] = []
        if self.person is not None:
            found += [column.provider == self.person.provider, column.subject == self.person.subject]
        if self.name:
            part = func.lower(column.name).contains(self.name.lower(), autoescape=True)
            found.append(or_(part, column.subject == self.name))
        return found

    def _role(self) -> list[ColumnElement[bool]]:
        if self.role.startswith(_ARN):
            return [activity.c.role == self.role]
        part = func.lower(activity.c.role).contains(self.role.lower(), autoescape=True)
        return [part] if self.role else []

    def _when(self) -> list[ColumnElement[bool]]:
        since = [activity.c.at >= self.since] if self.since is not None else []
        return [*since, *([activity.c.at < self.until] if self.until is not None else [])]


def _begins(column: Column[str], wanted: str) -> ColumnElement[bool]:
    """A range and not LIKE: SQLite's knows no case, so it does not use the index."""
    if not wanted.endswith("*"):
        return column == wanted
    begin = wanted.rstrip("*")
    return (column >= begin) & (column < begin + _LAST) & (column != "")
