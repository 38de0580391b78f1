"""Who gains and who loses which role if the catalog becomes another: seen before it is saved.

Pure, and quick for fifty thousand people: only roles that became another, or that rules of the one catalog alone give,
are looked at, only for those who hold what such a rule asks for, and once for all who are the same to these rules.
Everybody counts as if they had just signed in with all that a role asks for: a role behind a second factor is theirs,
they only have to confirm it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.decisions import CatalogView
from app.core.identity import Identity
from app.core.reach import EVERYBODY, NOTHING, Claim, Offer, Reach
from app.core.remembered import Remembered
from app.core.role_bits import RoleBits, Tally
from app.core.roles import Role, RoleArn


@dataclass(frozen=True, slots=True)
class Turn:
    """Sets of roles, as `RoleBits` has them. `alters`: roles that they had and keep, and that become different: a
    longer session, another policy."""

    gains: int = 0
    loses: int = 0
    alters: int = 0

    def __bool__(self) -> bool:
        return bool(self.gains or self.loses or self.alters)


@dataclass(frozen=True, slots=True)
class Moved:
    who: Remembered
    turn: Turn


@dataclass(frozen=True, slots=True)
class RoleTurn:
    """How many people, of one role."""

    role: RoleArn
    gain: int
    lose: int
    alter: int


@dataclass(frozen=True, slots=True)
class Effects:
    """`moved` in the order of the people; `known` is how many were asked about."""

    known: int
    moved: tuple[Moved, ...]
    bits: RoleBits = field(repr=False)
    before: Reach = field(repr=False)
    after: Reach = field(repr=False)

    @property
    def gaining(self) -> int:
        return sum(bool(one.turn.gains) for one in self.moved)

    @property
    def losing(self) -> int:
        return sum(bool(one.turn.loses) for one in self.moved)

    @property
    def altered(self) -> int:
        return sum(bool(one.turn.alters) for one in self.moved)

    def roles(self) -> tuple[RoleTurn, ...]:
        """Those that most people gain first."""
        turns = [one.turn for one in self.moved]
        gain = Tally.of(turn.gains for turn in turns).counts(self.bits)
        lose = Tally.of(turn.loses for turn in turns).counts(self.bits)
        alter = Tally.of(turn.alters for turn in turns).counts(self.bits)
        found = [
            RoleTurn(role, gain.get(role, 0), lose.get(role, 0), alter.get(role, 0)) for role in {*gain, *lose, *alter}
        ]
        return tuple(sorted(found, key=lambda one: (-one.gain, -one.lose, -one.alter, one.role)))

    def because(self, who: Remembered, role: RoleArn, *, lost: bool = False) -> tuple[str, str]:
        """The rule that will give the role, or that gave what is lost, and the group that it goes by."""
        side = self.before if lost else self.after
        return side.because(who.as_if_now(side.now), role)


def effects(present: CatalogView, wanted: CatalogView, people: Sequence[Remembered], now: datetime) -> Effects:
    bits = RoleBits((*present.roles, *wanted.roles))
    about = _about(present, wanted, bits)
    before, after = Reach(present, now, bits, about), Reach(wanted, now, bits, about)
    by_provider: dict[str, list[Remembered]] = {}
    for who in people:
        by_provider.setdefault(who.person.provider, []).append(who)
    sides = {provider: _Side.of(before, after, provider, found) for provider, found in by_provider.items()}
    turns = ((who, sides[who.person.provider].turn(who)) for who in people)
    return Effects(len(people), tuple(Moved(who, turn) for who, turn in turns if turn), bits, before, after)


def _about(present: CatalogView, wanted: CatalogView, bits: RoleBits) -> int:
    """The roles that may be given otherwise than before; every other one is given by the same rules in both."""
    old, new = ({rule.id: rule for rule in view.rules} for view in (present, wanted))
    moved = [rule for rule in present.rules if new.get(rule.id) != rule]
    moved += [rule for rule in wanted.rules if old.get(rule.id) != rule]
    if any(rule.group_pattern is not None for rule in moved):
        return -1  # it names whatever is there
    return bits.of(arn for rule in moved for arn in rule.roles) | _changed(present, wanted, bits)


@dataclass(frozen=True, slots=True)
class _Side:
    """The people of one provider. `stirred` are the roles that may be given otherwise than before; `groups` and
    `values` are what somebody must hold for that to matter to them, `telling` and `names` what else tells."""

    before: Reach
    after: Reach
    stirred: int
    changed: int  # of those, the ones that are themselves another role now
    groups: frozenset[str]
    values: frozenset[Claim]
    telling: frozenset[str]
    names: tuple[str, ...]
    turns: dict[tuple[object, ...], Turn] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Reach, after: Reach, provider: str, people: Sequence[Remembered]) -> _Side:
        named = people if before.tries(provider) or after.tries(provider) else ()
        held: frozenset[str] = frozenset().union(*(who.groups for who in named))
        old, new = before.groups(provider, held), after.groups(provider, held)
        groups = {name: _Pair(old.get(name, NOTHING), new.get(name, NOTHING)) for name in old.keys() | new}
        olds, news = before.values(provider), after.values(provider)
        values = {claim: _Pair(olds.get(claim, NOTHING), news.get(claim, NOTHING)) for claim in olds.keys() | news}
        changed = stirred = _changed(before.view, after.view, before.bits)
        for pair in (*groups.values(), *values.values()):
            stirred |= pair.differing
        conditions = before.conditions(provider, stirred) | after.conditions(provider, stirred)
        names = {name for condition in conditions for name, _ in condition.attributes}
        names |= {name for (name, _), pair in values.items() if pair.mentioned & stirred}
        return cls(
            before,
            after,
            stirred,
            changed,
            frozenset(name for name, pair in groups.items() if pair.touches(changed)),
            frozenset(claim for claim, pair in values.items() if pair.touches(changed)),
            frozenset(name for name, pair in groups.items() if pair.mentioned & stirred).union(
                *(condition.groups for condition in conditions)
            ),
            tuple(sorted(names | before.in_tags(stirred) | after.in_tags(stirred))),
        )

    def turn(self, who: Remembered) -> Turn:
        if not self._touches(who):
            return _NO_TURN
        groups = who.groups & self.telling
        attributes = {name: who.attributes[name] for name in self.names if name in who.attributes}
        key = (groups, *attributes.items())
        found = self.turns.get(key)
        if found is None:
            same = replace(who, groups=groups, attributes=attributes).as_if_now(self.after.now)
            found = self.turns[key] = self._turned(same)
        return found

    def _touches(self, who: Remembered) -> bool:
        if not self.groups.isdisjoint(who.groups) or EVERYBODY in self.values:
            return True
        return bool(self.values) and any(
            (name, value) in self.values for name, values in who.attributes.items() for value in values
        )

    def _turned(self, who: Identity) -> Turn:
        had, has = self.before.given(who, self.stirred), self.after.given(who, self.stirred)
        asked = (had ^ has) | (had & has & self.changed)
        before, after = self.before.fitting(who, asked & had), self.after.fitting(who, asked & has)
        return Turn(after & ~before, before & ~after, before & after)


@dataclass(frozen=True, slots=True)
class _Pair:
    """What one group or value gives in the one catalog and in the other."""

    old: Offer
    new: Offer

    @property
    def differing(self) -> int:
        return self.old.differing(self.new)

    @property
    def mentioned(self) -> int:
        return self.old.mentioned | self.new.mentioned

    def touches(self, changed: int) -> bool:
        return bool(self.differing or self.old.mentioned & changed)


def _changed(before: CatalogView, after: CatalogView, bits: RoleBits) -> int:
    old, new = before.roles, after.roles
    return bits.of(
        arn for arn in old.keys() | new.keys() if _for_who_has_it(old.get(arn)) != _for_who_has_it(new.get(arn))
    )


def _for_who_has_it(role: Role | None) -> Role | None:
    """Without what makes no difference to them."""
    return None if role is None else replace(role, label="", sensitive=False, visible=False)


_NO_TURN = Turn()
