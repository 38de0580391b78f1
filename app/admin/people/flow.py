"""People and their sessions, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.activity import ActivityBook, Entry, Known, Persons, Search, Seen
from app.admin.people.addresses import no_such_person
from app.audit import Audit
from app.core.events import Event, Kind
from app.core.identity import Person
from app.issuance import GivenOut, Principal
from app.sessions import LiveSession, LiveSessions

ON_A_PAGE = 25
_FOUND_IN_JOURNAL = timedelta(days=31)  # who signed in earlier is found by what they did
_LOOKED_THROUGH = 200  # of their newest events, for what stands on their page
_TOOK = (Kind.CREDENTIALS_ISSUED, Kind.CREDENTIALS_REUSED, Kind.CREDENTIALS_REFUSED, Kind.CONSOLE_OPENED)
_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody of a list, and what of theirs is alive now."""

    seen: Seen
    sessions: Sequence[LiveSession]


@dataclass(frozen=True, slots=True)
class Listed:
    """`after` leads on; empty on the last page."""

    people: Sequence[Here]
    after: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`address`: from where its newest event in the journal came; empty if there is none."""

    session: LiveSession
    address: str

    @property
    def ends_at(self) -> datetime:
        return min(self.session.expires_at, self.session.used_at + self.session.idle)


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`given_until`: when the last of the credentials that they were given ends."""

    known: Known
    sessions: Sequence[OpenSession]
    took: Sequence[Entry]
    given_until: datetime | None


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """Raises DatabaseUnavailable and StoreUnavailable. No session lives longer than `longest`."""

    persons: Persons
    book: ActivityBook
    live: LiveSessions
    given: GivenOut
    audit: Audit
    longest: timedelta
    clock: Callable[[], datetime]

    def find(self, text: str, after: str = "") -> Listed:
        """Whose name has this in it. Raises InvalidRequest for a place in the list that is none."""
        return self._listed(self.persons.find(text, self.clock() - _FOUND_IN_JOURNAL, ON_A_PAGE + 1, after))

    def signed_in(self, after: str = "") -> Listed:
        """Who is signed in now: of those who signed in as long ago as a session can live, whoever still is. A page can
        hold fewer than it has room for."""
        found = self._listed(self.persons.signed_in(self.clock() - self.longest, ON_A_PAGE + 1, after))
        return Listed([one for one in found.people if one.sessions], found.after)

    def page(self, person: Person) -> PersonPage:
        """Raises NotFound for somebody whom nobody remembers."""
        sessions = self.live.of(person)
        known = self.known(person)
        events = self.book.search(Search(person=person), _LOOKED_THROUGH)
        addresses = _addresses(events)
        return PersonPage(
            known,
            [OpenSession(one, addresses.get(one.handle, "")) for one in sessions],
            [event for event in events if event.kind in _TOOK][:_SHOWN],
            self.given.until(person),
        )

    def known(self, person: Person) -> Known:
        """Raises NotFound. Somebody who signed in a moment ago may not be in the book yet."""
        known = self.persons.one(person)
        if known is None and self.live.of(person):
            known = Known(person, person.subject)
        if known is None:
            raise no_such_person()
        return known

    def end(self, person: Person, handle: str, by: Principal) -> Sequence[LiveSession]:
        """One session, or with an empty handle everything of theirs; what of it was alive. On record before it happens.

        What AWS was asked for them before goes on until its own end: AWS takes nothing back.
        """
        known, who = self.known(person), by.session.identity
        named = [one for one in self.live.of(person) if handle in ("", one.handle)]
        facts: dict[str, str | int | list[str]] = {
            "by": who.name,
            "by_provider": who.provider,
            "by_subject": who.subject,
        }
        facts |= {"ended": len(named)} | ({"session": handle[:64]} if handle else {})
        here = (person.provider, person.subject, known.name, by.address, by.reference)
        self.audit.record(Event(Kind.ENDED_BY_ADMIN, *here, facts))
        return self.live.end(person, handle=handle)

    def _listed(self, found: Sequence[Seen]) -> Listed:
        here = [Here(seen, self.live.of(seen.person)) for seen in found[:ON_A_PAGE]]
        return Listed(here, found[ON_A_PAGE - 1].place if len(found) > ON_A_PAGE else "")


def _addresses(newest_first: Iterable[Entry]) -> Mapping[str, str]:
    """By session. The address of an administrator who ended one is not the person's."""
    found: dict[str, str] = {}
    for event in newest_first:
        if event.session and event.address and event.kind != Kind.ENDED_BY_ADMIN:
            found.setdefault(event.session, event.address)
    return found
