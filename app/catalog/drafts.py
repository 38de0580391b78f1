"""Changes on their way: typed but not yet saved, or waiting for a second person. Kept as what they were decided to be.

draft ──> saved                             nobody else was needed
  │ └───> unreviewed ──> reviewed           saved without the second person: break-glass
  ▼
waiting ─> approved │ refused │ withdrawn │ unreviewed
  └─────> draft                             it could not be joined with what was saved since: back to its author
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from app.catalog.documents import Documents, packed
from app.catalog.versions import Author, Proposal
from app.core.identity import Person
from app.database.engine import Database
from app.database.tables import proposals
from app.errors import InvalidRequest, NotFound

_KEPT = timedelta(days=7)  # a draft that nobody saved, discarded or asked about


class State(StrEnum):
    DRAFT = "draft"
    SAVED = "saved"
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNREVIEWED = "unreviewed"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Draft:
    """`needs` says why it needs a second person; `decided_by`, `answer` and `version` are what came of it."""

    id: int
    made_at: datetime
    author: Author
    reason: str
    base: int
    needs: tuple[str, ...]
    state: State
    restored: int | None = None
    decided_at: datetime | None = None
    decided_by: Author | None = None
    answer: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """From one of the states `whence` to another; `by` is nobody where the author goes on alone."""

    whence: tuple[State, ...]
    to: State
    by: Author | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Drafts:
    """Every method raises DatabaseUnavailable."""

    database: Database
    clock: Callable[[], datetime]
    documents: Documents = field(default_factory=Documents)

    def add(self, proposal: Proposal) -> int:
        """Its number."""
        person = proposal.author.person
        row = {
            "made_at": self.clock(),
            "author_provider": "" if person is None else person.provider,
            "author_subject": "" if person is None else person.subject,
            "author_name": proposal.author.name,
            "reason": proposal.reason,
            "base": proposal.base,
            "restored": proposal.restored,
            "document": packed(proposal.entries),
            "needs": "[]",
            "state": State.DRAFT,
        }
        with self.database.changing() as connection:
            # One that waited for weeks and came back to its author begins its week anew.
            old = func.coalesce(proposals.c.decided_at, proposals.c.made_at) < self.clock() - _KEPT
            connection.execute(delete(proposals).where(proposals.c.state == State.DRAFT, old))
            made = connection.execute(insert(proposals).values(row)).inserted_primary_key
            assert made is not None
            return int(made[0])

    def find(self, number: int) -> Draft:
        """Raises NotFound."""
        found = self._asked(select(*_ALL_BUT_THE_DOCUMENT).where(proposals.c.id == number))
        if not found:
            raise _no_such()
        return found[0]

    def proposal(self, number: int) -> Proposal:
        """The catalog as its author wants it. Raises NotFound."""
        draft = self.find(number)
        with self.database.reading() as connection:
            document = connection.execute(select(proposals.c.document).where(proposals.c.id == number)).scalar_one()
        wanted = self.documents.read(document, "This change")
        return Proposal(draft.base, wanted, draft.author, draft.reason, draft.restored)

    def latest(
        self,
        states: Sequence[State],
        most: int,
        before: int | None = None,
        author: Person | None = None,
        reader: Person | None = None,
    ) -> Sequence[Draft]:
        """Newest first; of everybody, or of one author. `reader` sees no drafts but their own."""
        asked = select(*_ALL_BUT_THE_DOCUMENT).where(proposals.c.state.in_(states))
        if before is not None:
            asked = asked.where(proposals.c.id < before)
        if author is not None:
            asked = asked.where(_is_by(author))
        if reader is not None:
            asked = asked.where(or_(proposals.c.state != State.DRAFT, _is_by(reader)))
        return self._asked(asked.order_by(proposals.c.id.desc()).limit(most))

    def became(self, version: int) -> Draft | None:
        """The change that this version came of; None for one by command."""
        found = self._asked(select(*_ALL_BUT_THE_DOCUMENT).where(proposals.c.version == version))
        return found[0] if found else None

    def rewrite(self, number: int, proposal: Proposal) -> None:
        """Another content for a draft. Raises InvalidRequest if it is none any more."""
        with self.database.changing() as connection:
            self._alter(
                connection,
                number,
                (State.DRAFT,),
                base=proposal.base,
                document=packed(proposal.entries),
                reason=proposal.reason,
                restored=proposal.restored,
            )

    def wait(self, number: int, reason: str, needs: Sequence[str], record: Callable[[], None]) -> None:
        """Raises InvalidRequest if it is no draft any more, and what `record` raises, as `decide` does."""
        said = json.dumps(list(needs), ensure_ascii=False)
        with self.database.changing() as connection:
            self._alter(connection, number, (State.DRAFT,), state=State.WAITING, reason=reason, needs=said)
            record()

    def decide(self, number: int, decision: Decision, record: Callable[[], None] = lambda: None) -> None:
        """Raises InvalidRequest if somebody else has decided already, and what `record` raises; nothing is other then.

        `record` is called once the race is won and before anything counts: of two who decide at once, the journal would
        otherwise say that both did.
        """
        with self.database.changing() as connection:
            self.note(connection, number, decision)
            record()

    def note(self, connection: Connection, number: int, decision: Decision, **values: object) -> None:
        """The same, within a transaction of the caller's."""
        who = None if decision.by is None else decision.by.person
        told = {
            "state": decision.to,
            "decided_at": self.clock(),
            "decided_provider": None if who is None else who.provider,
            "decided_subject": None if who is None else who.subject,
            "decided_name": None if decision.by is None else decision.by.name,
            "answer": decision.answer,
        }
        self._alter(connection, number, decision.whence, **{**told, **values})

    def _alter(self, connection: Connection, number: int, whence: tuple[State, ...], **values: object) -> None:
        """Compare-and-set: of two who decide at once, one does."""
        only = proposals.c.id == number, proposals.c.state.in_(whence)
        if connection.execute(update(proposals).where(*only).values(values)).rowcount != 1:
            raise InvalidRequest(
                "Somebody has decided about this change in the meantime. Open it again to see what became of it.",
                reason="catalog.decided",
            )

    def _asked(self, asked: Select[tuple[object, ...]]) -> list[Draft]:
        with self.database.reading() as connection:
            return [_draft(row) for row in connection.execute(asked)]


_ALL_BUT_THE_DOCUMENT = [column for column in proposals.c if column.name != "document"]


def _is_by(author: Person) -> ColumnElement[bool]:
    return and_(proposals.c.author_provider == author.provider, proposals.c.author_subject == author.subject)


def _draft(row: Row[tuple[object, ...]]) -> Draft:
    found = row._mapping
    return Draft(
        found["id"],
        found["made_at"],
        _author(found["author_name"], found["author_provider"], found["author_subject"]),
        found["reason"],
        found["base"],
        tuple(json.loads(found["needs"])),
        State(found["state"]),
        found["restored"],
        found["decided_at"],
        _author(found["decided_name"], found["decided_provider"], found["decided_subject"])
        if found["decided_name"]
        else None,
        found["answer"] or "",
        found["version"],
    )


def _author(name: str, provider: str | None, subject: str | None) -> Author:
    return Author(name, Person(provider, subject) if provider and subject else None)


def _no_such() -> NotFound:
    return NotFound("There is no such change, or it was discarded.", reason="catalog.change")
