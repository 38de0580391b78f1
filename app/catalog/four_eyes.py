"""Who must agree to a change, and what becomes of it: saved, waiting, approved, refused, or saved all the same.

Whether a second person is needed is asked again in the transaction that saves, of what the catalog then says: what
was seen a minute before may not be what is joined with somebody else's change. On record is only who won: a decision
is written, put on record and committed, in this order, while nobody else may write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.catalog.drafts import Decision, Draft, Drafts, State
from app.catalog.editing import Agreed, Editing, Origin, check_reason
from app.catalog.entries import Entries
from app.catalog.second_person import touches, widens
from app.catalog.versions import Author, Proposal, Version
from app.core.decisions import CatalogView
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.errors import CatalogConflict, CatalogProblems, ConfigurationProblems, InvalidRequest


class _NeedsAnother(Exception):
    def __init__(self, needs: tuple[str, ...]) -> None:
        super().__init__()
        self.needs = needs


@dataclass(frozen=True, slots=True)
class FourEyes:
    """`namesakes`: who else is called so. Whoever signs in by two providers is two people here, and would otherwise
    give the one what the other must not take alone.

    Every method raises DatabaseUnavailable, AuditUnavailable, NotFound, and InvalidRequest for whoever may not do
    this to that draft; those that save, also CatalogProblems and what `Editing.save` raises."""

    editing: Editing
    drafts: Drafts
    clock: Callable[[], datetime]
    namesakes: Callable[[Identity], Sequence[Identity]] = lambda who: ()

    def needs(self, author: Identity, present: Entries, wanted: Entries) -> tuple[str, ...]:
        """Why a second person must agree; empty if nobody must. Raises ConfigurationProblems."""
        before, after = self._views(present, wanted)
        return (*self._widens(author, before, after), *touches(before, after))

    def save(self, number: int, author: Identity, reason: str, origin: Origin) -> Version | None:
        """Saved; or None, and it waits for a second person."""
        self._own(number, author, State.DRAFT)
        check_reason(reason)
        proposal = replace(self.drafts.proposal(number), reason=reason)

        def check(present: Entries, joined: Entries) -> None:
            needs = self.needs(author, present, joined)
            if needs:
                raise _NeedsAnother(needs)

        decision = Decision((State.DRAFT,), State.SAVED)
        try:
            return self._save(number, proposal, origin, self._agreed(number, check, decision))
        except _NeedsAnother as found:
            told = self._recording(
                Kind.CATALOG_PROPOSED, author, number, origin, reason=reason, needs=list(found.needs)
            )
            self.drafts.wait(number, reason, found.needs, told)
            return None

    def approve(self, number: int, second: Identity, origin: Origin, seen: str = "") -> Version:
        """`seen`: the mark of what they looked at, from `mark`; without one it is what it is now. A conflict leads the
        change back to its author."""
        draft = self._other(number, second, State.WAITING)

        def check(present: Entries, joined: Entries) -> None:
            # Asked in the transaction: joined with what was saved since, the change may mean more than was looked at.
            if seen and seen != self.mark(draft):
                raise InvalidRequest(
                    "The catalog or this change became another while you looked at it. Look again, then approve it.",
                    reason="catalog.moved",
                )
            gains = self._widens(second, *self._views(present, joined))
            if gains:
                raise InvalidRequest(
                    f"You would gain by this change yourself, so somebody else must approve it. {gains[0]}",
                    reason="catalog.gains",
                )
            self._recording(Kind.CATALOG_APPROVED, second, number, origin)()

        decision = Decision((State.WAITING,), State.APPROVED, Author.of(second))
        try:
            return self._save(number, self.drafts.proposal(number), origin, self._agreed(number, check, decision))
        except CatalogConflict as found:
            self.drafts.decide(number, Decision((State.WAITING,), State.DRAFT, Author.of(second), _BACK))
            sentence = f"{_BACK} It went back to {draft.author.name}, who decides what is to stand and asks again."
            raise CatalogConflict(sentence, newest=found.newest, change=number) from None

    def mark(self, draft: Draft) -> str:
        """What a draft would become depends on these two: where it begins, and what it is joined with."""
        return f"{draft.base}-{self.editing.versions.newest()}"

    def refuse(self, number: int, second: Identity, why: str, origin: Origin) -> None:
        self._other(number, second, State.WAITING)
        check_reason(why)
        told = self._recording(Kind.CATALOG_REFUSED, second, number, origin, reason=why)
        self.drafts.decide(number, Decision((State.WAITING,), State.REFUSED, Author.of(second), why), told)

    def rewrite(self, number: int, author: Identity, proposal: Proposal) -> None:
        """Another content for a draft of theirs."""
        self._own(number, author, State.DRAFT)
        self.drafts.rewrite(number, proposal)

    def withdraw(self, number: int, author: Identity, origin: Origin) -> None:
        self._own(number, author, State.WAITING, State.DRAFT)
        told = self._recording(Kind.CATALOG_WITHDRAWN, author, number, origin)
        self.drafts.decide(number, Decision((State.WAITING, State.DRAFT), State.WITHDRAWN), told)

    def break_glass(self, number: int, author: Identity, reason: str, origin: Origin) -> Version:
        """Saved at once; on record under a name of its own, and told to every administrator until one reviewed it."""
        self._own(number, author, State.WAITING, State.DRAFT)
        check_reason(reason)
        proposal = replace(self.drafts.proposal(number), reason=reason)

        def check(present: Entries, joined: Entries) -> None:
            needs = self.needs(author, present, joined)
            self._recording(Kind.CATALOG_BROKEN_GLASS, author, number, origin, reason=reason, needs=list(needs))()

        decision = Decision((State.WAITING, State.DRAFT), State.UNREVIEWED)
        return self._save(number, proposal, origin, self._agreed(number, check, decision))

    def review(self, number: int, second: Identity, found: str, origin: Origin) -> None:
        self._other(number, second, State.UNREVIEWED)
        check_reason(found)
        told = self._recording(Kind.CATALOG_REVIEWED, second, number, origin, found=found)
        self.drafts.decide(number, Decision((State.UNREVIEWED,), State.REVIEWED, Author.of(second), found), told)

    def _save(self, number: int, proposal: Proposal, origin: Origin, agreed: Agreed) -> Version:
        """What fitted when it was begun may no longer fit beside what others saved."""
        try:
            return self.editing.save(proposal, origin, agreed)
        except ConfigurationProblems as found:
            raise CatalogProblems(found.problems) from None
        except CatalogConflict as found:
            raise CatalogConflict(found.sentence, newest=found.newest, change=number) from None

    def _agreed(self, number: int, check: Callable[[Entries, Entries], None], decision: Decision) -> Agreed:
        def still(present: Entries, joined: Entries) -> None:
            # One transaction at a time writes: who decided a moment ago is seen here, before anything is on record.
            _in(self.drafts.find(number), *decision.whence)
            check(present, joined)

        def note(connection: Connection, version: Version) -> None:
            told = {"version": version.number, "reason": version.reason}
            self.drafts.note(connection, number, decision, **told)

        return Agreed(still, note)

    def _widens(self, who: Identity, before: CatalogView, after: CatalogView) -> tuple[str, ...]:
        found = [*widens(who, before, after, self.clock())]
        for one in self.namesakes(who):
            found += [f"By {one.provider}, as {one.name}: {said}" for said in widens(one, before, after, self.clock())]
        return tuple(found)

    def _views(self, present: Entries, wanted: Entries) -> tuple[CatalogView, CatalogView]:
        """What cannot be read now (a rule of a provider that is gone) gives nobody anything: everything is a gain."""
        known, views = self.editing.known(), self.editing.views
        after = views.read(wanted, known)
        try:
            return views.read(present, known), after
        except ConfigurationProblems:
            return CatalogView("", {}, {}, ()), after

    def _own(self, number: int, author: Identity, *states: State) -> Draft:
        draft = self.drafts.find(number)
        if draft.author.person != author.person:
            raise InvalidRequest("Only its author can do this with a change.", reason="catalog.not_author")
        return _in(draft, *states)

    def _other(self, number: int, second: Identity, state: State) -> Draft:
        draft = self.drafts.find(number)
        if draft.author.person == second.person or _called_alike(draft.author, second):
            raise InvalidRequest("This is your own change: somebody else must look at it.", reason="catalog.author")
        return _in(draft, state)

    def _recording(
        self, kind: Kind, who: Identity, number: int, origin: Origin, **facts: str | list[str]
    ) -> Callable[[], None]:
        told: dict[str, str | int | list[str]] = {"change": number, **facts}
        event = Event(kind, who.provider, who.subject, who.name, origin.address, origin.reference, told)
        return lambda: self.editing.audit.record(event)


_BACK = "It could not be joined with what was saved since."


def _in(draft: Draft, *states: State) -> Draft:
    if draft.state not in states:
        raise InvalidRequest(f"This change is {draft.state} already.", reason="catalog.decided")
    return draft


def _called_alike(author: Author, second: Identity) -> bool:
    """One human being may sign in by two providers and be two people here. No name proves who somebody is, but it is
    enough to say no: whoever is called alike is one and the same in CloudTrail, too."""
    return author.name.strip().casefold() == Author.of(second).name.strip().casefold()
