"""What happened, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.activity import ActivityBook, Entry, Search
from app.admin.activity.asking import Asked
from app.audit import Audit
from app.core.events import Event, Kind
from app.issuance import Principal

ON_A_PAGE = 50
MOST_EXPORTED = 100_000
CAPPED = f"This export ends here: it holds at most {MOST_EXPORTED} events. Search a shorter time for the others."
_BESIDE = 30
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """`after` leads on to older events; empty on the last page."""

    entries: Sequence[Entry]
    after: str


@dataclass(frozen=True, slots=True)
class ActivityDesk:
    """`most` is for exports."""

    book: ActivityBook
    audit: Audit
    clock: Callable[[], datetime]
    most: int = MOST_EXPORTED

    def search(self, search: Search, after: str = "", most: int = ON_A_PAGE) -> Found:
        """Raises InvalidRequest for a place to go on from that is none, and DatabaseUnavailable."""
        entries = self.book.search(search, most + 1, after)
        return Found(entries[:most], entries[most - 1].line if len(entries) > most else "")

    def event(self, line: str) -> tuple[Entry, Sequence[Entry]]:
        """With what happened beside it. Raises NotFound, DatabaseUnavailable."""
        entry = self.book.event(line)
        return entry, self.book.beside(entry, _BESIDE)

    def export(self, asked: Asked, form: str, principal: Principal) -> Iterator[Entry | str]:
        """Newest first; at its end a sentence, if there is more than it may hold. That somebody took a copy is on
        record before they have it. Raises InvalidRequest, DatabaseUnavailable or AuditUnavailable at once.
        """
        search = asked.require()
        first = self.search(search, most=min(_AT_ONCE, self.most))
        self.audit.record(Event(Kind.ACTIVITY_EXPORTED, *_of(principal), {"format": form, **_as_facts(asked)}))
        return self._all(search, first)

    def _all(self, search: Search, found: Found) -> Iterator[Entry | str]:
        told = 0
        while True:
            yield from found.entries
            told += len(found.entries)
            if not found.after:
                return
            if told >= self.most:
                yield CAPPED
                return
            found = self.search(search, found.after, min(_AT_ONCE, self.most - told))


def _of(principal: Principal) -> tuple[str, str, str, str, str]:
    who = principal.session.identity
    return who.provider, who.subject, who.name, principal.address, principal.reference


def _as_facts(asked: Asked) -> dict[str, str]:
    """Under names of their own: what somebody searched for is not what they took."""
    return {f"searched_{name}": text for name, text in asked.texts.items()}
