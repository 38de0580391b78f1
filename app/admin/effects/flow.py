"""A change of the catalog, tried on everybody who is remembered; as much of it as a page can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.catalog.entries import Entries
from app.catalog.known import Known
from app.catalog.views import Views
from app.core.decisions import CatalogView
from app.core.effects import Effects, Moved, effects
from app.core.powerful import why_powerful
from app.core.remembered import Remembered
from app.core.roles import RoleArn
from app.doctor.reach import Reached
from app.errors import ConfigurationProblems
from app.people import PeopleBook
from app.sessions import LiveSessions

MOST_PEOPLE, MOST_ROLES = 25, 6  # of each list, and of one person


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that somebody gains, loses or keeps. `powerful`: why it looks so. `rule` and `group`: by what."""

    arn: RoleArn
    label: str
    account: str
    powerful: str
    rule: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """`sessions`: browsers and terminals of theirs that are signed in now. `more`: roles that are not in `roles`."""

    who: Remembered
    roles: Sequence[RoleLine]
    more: int
    sessions: int

    @property
    def powerful(self) -> bool:
        return any(role.powerful for role in self.roles)


@dataclass(frozen=True, slots=True)
class PeopleList:
    """`total` people, of whom the first ones are shown."""

    total: int
    shown: Sequence[PersonLine]

    @property
    def more(self) -> int:
        return self.total - len(self.shown)

    @property
    def signed_in(self) -> int:
        return sum(bool(line.sessions) for line in self.shown)


@dataclass(frozen=True, slots=True)
class RoleCount:
    line: RoleLine
    gain: int
    lose: int
    alter: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of `known` people of the last `days` days. `alarming`: the powerful roles that somebody gains."""

    known: int
    days: int
    gains: PeopleList
    loses: PeopleList
    alters: PeopleList
    roles: Sequence[RoleCount]
    more_roles: int
    alarming: Sequence[RoleCount] = field(default=())

    @property
    def nobody(self) -> bool:
        return not (self.gains.total or self.loses.total or self.alters.total)


class Preview:
    """`known`: the providers that rules may name; `views` are those of the catalog's desk, which reads the same;
    `reached` is what the trust doctor knows of roles."""

    def __init__(
        self,
        people: PeopleBook,
        live: LiveSessions,
        known: Callable[[], Known],
        views: Views,
        clock: Callable[[], datetime],
        reached: Callable[[Iterable[str]], Mapping[str, Reached]] = lambda arns: {},
    ) -> None:
        self._people = people
        self._live = live
        self._known = known
        self._views = views
        self._clock = clock
        self._reached = reached

    def __call__(self, present: Entries, wanted: Entries) -> Foreseen:
        """`wanted` has been checked. Raises DatabaseUnavailable, StoreUnavailable."""
        known = self._known()
        after = self._views.read(wanted, known)
        return self._shown(effects(self._before(present, known), after, self._people.all(), self._clock()))

    def _before(self, present: Entries, known: Known) -> CatalogView:
        """What cannot be read now (a rule of a provider that is gone) gives nobody anything: everything is a gain."""
        try:
            return self._views.read(present, known)
        except ConfigurationProblems:
            return CatalogView("", {}, {}, ())

    def _shown(self, found: Effects) -> Foreseen:
        roles = found.roles()
        reached = self._reached([one.role for one in roles if one.gain])
        lines = {one.role: _line(found, one.role, reached.get(one.role, _UNKNOWN)) for one in roles}
        counts = [RoleCount(lines[one.role], one.gain, one.lose, one.alter) for one in roles]
        counts.sort(key=lambda one: not (one.line.powerful and one.gain))
        strong = found.bits.of(arn for arn, line in lines.items() if line.powerful)
        return Foreseen(
            found.known,
            self._people.keeps.days,
            self._list(found, lines, strong, lambda one: one.turn.gains),
            self._list(found, lines, strong, lambda one: one.turn.loses, lost=True),
            self._list(found, lines, strong, lambda one: one.turn.alters),
            counts[:MOST_PEOPLE],
            max(0, len(counts) - MOST_PEOPLE),
            [one for one in counts if one.line.powerful and one.gain],
        )

    def _list(
        self,
        found: Effects,
        lines: dict[RoleArn, RoleLine],
        strong: int,
        pick: Callable[[Moved], int],
        *,
        lost: bool = False,
    ) -> PeopleList:
        """Whom a powerful role concerns first: they must not be among those that are only counted."""
        concerned = [one for one in found.moved if pick(one)]
        first = sorted(concerned, key=lambda one: not pick(one) & strong)[:MOST_PEOPLE]
        return PeopleList(len(concerned), [self._person(found, one.who, pick(one), lines, lost) for one in first])

    def _person(
        self, found: Effects, who: Remembered, roles: int, lines: dict[RoleArn, RoleLine], lost: bool
    ) -> PersonLine:
        named = sorted(found.bits.roles(roles), key=lambda arn: (not lines[arn].powerful, lines[arn].account, arn))
        told = [_because(lines[arn], *found.because(who, arn, lost=lost)) for arn in named[:MOST_ROLES]]
        return PersonLine(who, told, len(named) - len(told), len(self._live.of(who.person)))


def _line(found: Effects, arn: RoleArn, reached: Reached) -> RoleLine:
    """A role that may pass any role to a machine is an administrator, whatever it is called."""
    view = found.after.view if arn in found.after.view.roles else found.before.view
    role = view.roles[arn]
    powerful = why_powerful(role) or (_COULD if reached.paths else "")
    return RoleLine(arn, role.label, view.accounts[arn.account].name, powerful)


_UNKNOWN = Reached()
_COULD = "by its policies, whoever has it could possibly get more rights"


def _because(line: RoleLine, rule: str, group: str) -> RoleLine:
    return RoleLine(line.arn, line.label, line.account, line.powerful, rule, "" if group == "*" else group)
