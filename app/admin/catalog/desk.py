"""Changing the catalog, without HTTP: from what is wanted to a draft, and from a draft to what it would mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.admin.catalog.possible import Possible, Reach, Seen, by_rule
from app.admin.catalog.present import Reader
from app.catalog.differences import Difference, differences
from app.catalog.drafts import Draft, State
from app.catalog.entries import Entries, Key
from app.catalog.four_eyes import FourEyes
from app.catalog.merging import ENTRY, REMOVED, Conflict, merged
from app.catalog.versions import Author, Proposal, Version, Versions
from app.core.identity import Identity
from app.errors import CatalogProblems, CatalogReadOnly, ConfigurationProblems, InvalidRequest

Effects = Callable[[Entries, Entries], object]
"""Who gains and who loses by it: of the catalog as it is and as it would be. `admin/catalog/effects.html` shows it."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a change would mean now. `since` are the versions that others saved after it was begun; while there are
    `conflicts`, or `problems`, the rest is empty."""

    draft: Draft | None
    conflicts: Sequence[Conflict] = ()
    problems: Sequence[str] = ()
    differences: Sequence[Difference] = ()
    needs: Sequence[str] = ()
    since: Sequence[Version] = ()
    effects: object = None
    newest: int = 0
    possible: Mapping[Key, Sequence[Possible]] = field(default_factory=dict)  # of the roles that each rule gives
    wanted: Entries = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """`problems` are those of the newest catalog, if the last good one is in force instead; `groups` were seen by the
    gateway, of a provider or (for "") of all; `admins` is how many people who may administer have been seen, None if
    nobody can say; `reach` is what the trust doctor knows of roles."""

    reader: Reader
    four_eyes: FourEyes
    problems: Callable[[], Sequence[str]]
    labels: Mapping[str, str]
    effects: Effects | None = None
    groups: Seen = lambda provider: ()
    admins: Callable[[], int | None] = lambda: None
    reach: Reach = lambda arns: {}

    @property
    def versions(self) -> Versions:
        return self.four_eyes.editing.versions

    def check_writable(self) -> None:
        """Raises CatalogReadOnly."""
        if self.reader.file is not None:
            raise CatalogReadOnly(
                f"The catalog is the file {self.reader.file.name} on the gateway's machine (FEDGATE_CATALOG), and is "
                "edited there. These pages show it and change nothing.",
            )

    def check(self, base: int, wanted: Entries) -> None:
        """Raises CatalogProblems with everything that is wrong with it, joined with what was saved since `base`."""
        self.check_writable()
        present = self.reader.present()
        joined = merged(self.at(base), wanted, present.entries) if base != present.number else None
        if joined is None or not joined.conflicts:
            problems = self._problems(wanted if joined is None else joined.entries)
            if problems:
                raise CatalogProblems(problems)

    def begin(self, who: Identity, base: int, wanted: Entries, restored: int | None = None) -> int:
        """The number of a new draft, for `weigh` and its page. Nothing has changed yet."""
        self.check_writable()
        return self.four_eyes.drafts.add(Proposal(base, wanted, Author.of(who), "", restored))

    def found(self, number: int, who: Identity) -> Draft:
        """Raises InvalidRequest for what somebody else is still writing, and NotFound."""
        draft = self.four_eyes.drafts.find(number)
        if draft.state is State.DRAFT and draft.author.person != who.person:
            raise InvalidRequest(f"{draft.author.name} is still writing this change.", reason="catalog.draft")
        return draft

    def weigh(self, number: int, author: Identity | None) -> Weighed:
        """`author`, if it is they who ask: whether they would need a second person depends on what they may take."""
        draft = self.four_eyes.drafts.find(number)
        if draft.state not in (State.DRAFT, State.WAITING):
            return replace(self._became(draft), draft=draft)
        proposal = self.four_eyes.drafts.proposal(number)
        return replace(self.weighed(proposal, author), draft=draft, wanted=proposal.entries)

    def weighed(self, proposal: Proposal, author: Identity | None) -> Weighed:
        present = self.reader.present()
        since = _since(self.versions.latest(50), proposal.base)
        joined = merged(self.at(proposal.base), proposal.entries, present.entries)
        if joined.conflicts:
            return Weighed(None, joined.conflicts, since=since, newest=present.number)
        problems = self._problems(joined.entries)
        if problems:
            return Weighed(None, problems=problems, since=since, newest=present.number)
        differing = differences(present.entries, joined.entries)
        return Weighed(
            None,
            differences=differing,
            needs=() if author is None else self.four_eyes.needs(author, present.entries, joined.entries),
            since=since,
            effects=None if self.effects is None else self.effects(present.entries, joined.entries),
            newest=present.number,
            possible=by_rule(differing, self.reach, joined.entries, self.groups),
        )

    def resolve(self, number: int, who: Identity, mine: Callable[[Conflict], bool]) -> None:
        """Each conflict as its author decides it; the draft then begins with the newest version."""
        self.found(number, who)  # or what `mine` misses would tell what somebody else is writing
        proposal, present = self.four_eyes.drafts.proposal(number), self.reader.present()
        joined = merged(self.at(proposal.base), proposal.entries, present.entries)
        wanted: dict[Key, Mapping[str, Any]] = dict(joined.entries)
        for conflict in joined.conflicts:
            _settle(wanted, conflict, proposal.entries if mine(conflict) else present.entries)
        self.four_eyes.rewrite(number, who, replace(proposal, base=present.number, entries=wanted))

    def _became(self, draft: Draft) -> Weighed:
        """What a change that was saved differed in, from the version before it; of another one, what it wanted."""
        if draft.version is not None:
            before, after = self.at(draft.version - 1), self.at(draft.version)
        else:
            before, after = self.at(draft.base), self.four_eyes.drafts.proposal(draft.id).entries
        return Weighed(draft, differences=differences(before, after), newest=self.reader.present().number)

    def at(self, number: int) -> Entries:
        """The catalog as it was in a version; the newest one without reading it again. Raises NotFound."""
        present = self.reader.present()
        return present.entries if number == present.number else self.versions.entries(number)

    def _problems(self, wanted: Entries) -> list[str]:
        try:
            self.four_eyes.editing.check(wanted)
        except ConfigurationProblems as found:
            return found.problems
        return []


def _since(latest: Sequence[Version], base: int) -> list[Version]:
    return [version for version in latest if version.number > base]


def _settle(wanted: dict[Key, Mapping[str, Any]], conflict: Conflict, chosen: Entries) -> None:
    if conflict.field == ENTRY:
        if conflict.key in chosen:
            wanted[conflict.key] = chosen[conflict.key]
        else:
            wanted.pop(conflict.key, None)
        return
    fields = dict(wanted.get(conflict.key, {}))
    value = chosen.get(conflict.key, {}).get(conflict.field)
    if value is None:
        fields.pop(conflict.field, None)
    else:
        fields[conflict.field] = value
    wanted[conflict.key] = fields


__all__ = ["REMOVED", "Desk", "Effects", "Weighed"]
