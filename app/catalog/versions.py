"""The catalog's history: every change is a new version, whole, with who made it, when and why. Nothing is ever altered.

A version keeps the whole document, packed: "what was given out on the third of May" needs no replay of changes, and
10,000 rules are some hundred kilobytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from app.catalog.documents import Documents, packed
from app.catalog.entries import Entries
from app.catalog.merging import Conflict, merged
from app.core.identity import Identity, Person
from app.database.engine import Database
from app.database.tables import MOST_OF_A_NAME, catalog_versions
from app.errors import CatalogConflict, NotFound


@dataclass(frozen=True, slots=True)
class Author:
    """`person` is None for whoever ran a command on the gateway's own machine; `name` is then the machine's user."""

    name: str
    person: Person | None = None

    @classmethod
    def of(cls, who: Identity) -> Author:
        """The name as far as the column holds it: a provider may send a longer one, and the subject says who it is."""
        return cls(who.name[:MOST_OF_A_NAME], who.person)


@dataclass(frozen=True, slots=True)
class Version:
    """`number` counts from 1. `base` is the version that the author had before them; between the two, others may have
    saved. `restored` is the number of the older version that this one brings back."""

    number: int
    made_at: datetime
    author: Author
    reason: str
    base: int
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole catalog as its author wants it, beginning with version `base`."""

    base: int
    entries: Entries
    author: Author
    reason: str
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """Every method raises DatabaseUnavailable."""

    database: Database
    clock: Callable[[], datetime]
    documents: Documents = field(default_factory=Documents)

    def newest(self) -> int:
        """The number of the version in force; 0 before the first."""
        with self.database.reading() as connection:
            return _newest(connection)

    def entries(self, number: int) -> Entries:
        """Raises NotFound. Version 0 is the empty catalog."""
        with self.database.reading() as connection:
            return self._entries(connection, number)

    def version(self, number: int) -> Version:
        """Raises NotFound."""
        found = self.latest(1, before=number + 1)
        if not found or found[0].number != number:
            raise _no_such(number)
        return found[0]

    def latest(self, most: int, before: int | None = None) -> Sequence[Version]:
        """Newest first; at most `most` of those below the number `before`."""
        column = catalog_versions.c
        asked = select(*_ALL_BUT_THE_DOCUMENT).order_by(column.number.desc()).limit(most)
        if before is not None:
            asked = asked.where(column.number < before)
        with self.database.reading() as connection:
            return [_version(row) for row in connection.execute(asked)]

    def save(
        self,
        proposal: Proposal,
        check: Callable[[Entries, Entries], None],
        alongside: Callable[[Connection, Version], None] = lambda connection, version: None,
    ) -> Version:
        """A new version of what this author and everybody since `base` changed, together.

        `check` is given the catalog as it is and as it would be; `alongside` writes what must be true exactly if the
        version is. Whatever they raise goes on, and so does CatalogConflict if the changes cannot be joined, or
        NotFound for a base that does not exist; nothing is written then.
        """
        with self.database.changing() as connection:
            newest = _newest(connection)
            present = self._entries(connection, newest)
            wanted = proposal.entries if proposal.base == newest else self._joined(connection, proposal, newest)
            check(present, wanted)
            version = Version(
                newest + 1, self.clock(), proposal.author, proposal.reason, proposal.base, proposal.restored
            )
            connection.execute(insert(catalog_versions).values(_row(version, wanted)))
            alongside(connection, version)
            return version

    def _joined(self, connection: Connection, proposal: Proposal, newest: int) -> Entries:
        base, present = (self._entries(connection, number) for number in (proposal.base, newest))
        found = merged(base, proposal.entries, present)
        if found.conflicts:
            raise CatalogConflict(_told(found.conflicts), newest=newest)
        return found.entries

    def _entries(self, connection: Connection, number: int) -> Entries:
        if number == 0:
            return {}
        asked = select(catalog_versions.c.document).where(catalog_versions.c.number == number)
        found = connection.execute(asked).scalar()
        if found is None:
            raise _no_such(number)
        return self.documents.read(found, f"Version {number} of the catalog")


def _told(conflicts: Sequence[Conflict]) -> str:
    named = [f"{one.key}{f' ({one.field})' if one.field else ''}" for one in conflicts]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return (
        f"Somebody else changed the same in the meantime: {', '.join(named[:5])}{more}. "
        "Look at their version, then make your change again; nothing of yours was saved."
    )


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(catalog_versions.c.number))).scalar() or 0


def _row(version: Version, wanted: Entries) -> dict[str, object]:
    person = version.author.person
    return {
        "number": version.number,
        "made_at": version.made_at,
        "author_provider": "" if person is None else person.provider,
        "author_subject": "" if person is None else person.subject,
        "author_name": version.author.name,
        "reason": version.reason,
        "base": version.base,
        "restored": version.restored,
        "document": packed(wanted),
    }


_ALL_BUT_THE_DOCUMENT = [column for column in catalog_versions.c if column.name != "document"]


def _version(row: Row[tuple[object, ...]]) -> Version:
    found = row._mapping
    subject = found["author_subject"]
    person = Person(found["author_provider"], subject) if subject else None
    author = Author(found["author_name"], person)
    return Version(found["number"], found["made_at"], author, found["reason"], found["base"], found["restored"])


def _no_such(number: int) -> NotFound:
    return NotFound(f"There is no version {number} of the catalog.", reason="catalog.version")
