"""Changing the catalog: seen before it is saved, checked as a whole, and on record before it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.audit import Audit
from app.catalog.differences import Difference, differences
from app.catalog.entries import Entries
from app.catalog.known import Known
from app.catalog.versions import Author, Proposal, Version, Versions
from app.catalog.views import Views
from app.core.decisions import CatalogView
from app.core.events import Event, Kind
from app.core.visible import steering
from app.errors import ConfigurationProblems, InvalidRequest

LONGEST_REASON = 500
_MOST_NAMED = 50  # entries in one line of the journal


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from, for the journal; empty for a command on the gateway's own machine."""

    address: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who else must agree. `check` sees the catalog as it is and as it would be, and raises if it must not be saved so;
    `note` is written together with the version."""

    check: Callable[[Entries, Entries], None]
    note: Callable[[Connection, Version], None]


UNASKED = Agreed(lambda present, joined: None, lambda connection, version: None)  # the operator's own commands


def check_reason(reason: str) -> None:
    """Raises InvalidRequest."""
    found = steering(reason)  # U+0000 among others, which PostgreSQL cannot keep
    if found:
        raise InvalidRequest(
            f"Say why in text that reads as it is written: {found} in it turns words around, or steers a terminal.",
            reason="catalog.reason",
        )
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidRequest(
            f"Say why, in at most {LONGEST_REASON} characters: who reads the history will want to know.",
            reason="catalog.reason",
        )


@dataclass(frozen=True, slots=True)
class Editing:
    """Raises DatabaseUnavailable. `known` has the providers that rules may name, now; `cannot` says, sentence by
    sentence, what of a catalog this gateway is not set up for."""

    versions: Versions
    known: Callable[[], Known]
    audit: Audit
    cannot: Callable[[CatalogView], Sequence[str]] = lambda view: ()
    views: Views = field(default_factory=Views)

    def plan(self, wanted: Entries) -> Sequence[Difference]:
        """What would change if the catalog became this. Raises ConfigurationProblems with everything wrong in it."""
        self.check(wanted)
        return differences(self.versions.entries(self.versions.newest()), wanted)

    def save(self, proposal: Proposal, origin: Origin, agreed: Agreed = UNASKED) -> Version:
        """Raises ConfigurationProblems, CatalogConflict, InvalidRequest, AuditUnavailable, and what `agreed` raises;
        nothing has changed then."""
        check_reason(proposal.reason)

        def check(present: Entries, joined: Entries) -> None:
            self.check(joined)
            found = differences(present, joined)
            if not found:
                raise InvalidRequest("That is what the catalog says already. Nothing was saved.", reason="catalog.same")
            agreed.check(present, joined)
            self.audit.record(_event(proposal, found, origin))

        return self.versions.save(proposal, check, agreed.note)

    def restore(self, number: int, author: Author, reason: str, origin: Origin) -> Version:
        """The catalog as it was in an older version, as a new one. Raises as `save` does, and NotFound."""
        old = self.versions.entries(number)
        proposal = Proposal(self.versions.newest(), old, author, reason, restored=number)
        return self.save(proposal, origin)

    def check(self, wanted: Entries) -> None:
        """Raises ConfigurationProblems with everything that is wrong with it."""
        problems = self.cannot(self.views.read(wanted, self.known()))
        if problems:
            raise ConfigurationProblems(list(problems))


def _event(proposal: Proposal, found: Sequence[Difference], origin: Origin) -> Event:
    """Which entries, and why; what was written in them is in the version."""
    person = proposal.author.person
    named = [f"{one.change} {one.key}" for one in found]
    return Event(
        Kind.CATALOG_CHANGED,
        "" if person is None else person.provider,
        "" if person is None else person.subject,
        proposal.author.name,
        origin.address,
        origin.reference,
        {
            "base": proposal.base,
            "restored": proposal.restored or 0,
            "reason": proposal.reason,
            "changes": len(named),
            "changed": named[:_MOST_NAMED],
        },
    )
