"""The rules of one catalog, laid out by what they ask for: one group, one value of an attribute, or a pattern.

`decide` reads the rules one after another, which is right for one person at the door, and too slow for asking of fifty
thousand people what ten thousand rules give them. Here a rule is found by the group that it names. The answers are
those of `decisions`, and a property test holds both to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from app.core.decisions import CatalogView, attributes_in_tags, may_have
from app.core.identity import Identity
from app.core.role_bits import RoleBits
from app.core.roles import Assertion, RoleArn
from app.core.rules import Rule

Claim = tuple[str, str]  # the name of an attribute, and a value
EVERYBODY: Claim = ("", "")  # whoever the provider knows; no catalog that was checked has a rule for it
_FIXED = re.compile(r"(?:[A-Za-z0-9 _/:=@-](?![?*{]))*")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule asks for, without what it is called and what it gives; rules that ask for the same are one here."""

    provider: str
    groups: frozenset[str]
    attributes: frozenset[tuple[str, frozenset[str]]]


@dataclass(slots=True)
class Offer:
    """What one group, or one value of an attribute, gives: at once, and to whom more is true than that."""

    roles: int = 0
    asking: dict[Condition, int] = field(default_factory=dict)

    @property
    def mentioned(self) -> int:
        found = self.roles
        for roles in self.asking.values():
            found |= roles
        return found

    def differing(self, other: Offer) -> int:
        """Roles that one of the two gives otherwise than the other."""
        found = self.roles ^ other.roles
        for condition in self.asking.keys() | other.asking.keys():
            found |= self.asking.get(condition, 0) ^ other.asking.get(condition, 0)
        return found


NOTHING = Offer()


@dataclass(slots=True)
class _Side:
    """Of one provider."""

    groups: dict[str, Offer] = field(default_factory=dict)
    values: dict[Claim, Offer] = field(default_factory=dict)
    patterns: list[Rule] = field(default_factory=list)
    prefixes: tuple[str, ...] = ()
    met: set[str] = field(default_factory=set)  # groups that the patterns have been tried on


class Reach:
    """Of one catalog at one moment; rules that are over then are not in it. `about`: the roles that matter (all, if it
    is left out); who may have another one is not known here."""

    def __init__(self, view: CatalogView, now: datetime, bits: RoleBits, about: int = -1) -> None:
        self.view, self.now, self.bits = view, now, bits
        self._within = bits.of(view.roles) & about
        self._sides: dict[str, _Side] = {}
        self._rules: dict[Condition, Rule] = {}
        self._named = _by_name(view)
        self._in_tags = {arn: tuple(sorted(attributes_in_tags(role))) for arn, role in view.roles.items()}
        self._tagged: dict[tuple[str, ...], int] = {}  # roles by the attributes in their tags
        for arn, names in self._in_tags.items():
            self._tagged[names] = self._tagged.get(names, 0) | bits.of((arn,))
        self._fitting: dict[tuple[object, ...], tuple[int, int]] = {}
        self._about: dict[RoleArn, list[Rule]] = {}
        for rule in view.rules:
            if not rule.is_over(now):
                self._lay(rule, self._sides.setdefault(rule.provider, _Side()))

    def groups(self, provider: str, held: Set[str]) -> Mapping[str, Offer]:
        """The offers of groups; of those named by patterns, the ones that are `held`."""
        side = self._sides.get(provider, _NO_SIDE)
        if side.patterns:
            for group in held - side.met:
                if group.startswith(side.prefixes):
                    self._try_patterns(side, group)
            side.met |= held
        return side.groups

    def tries(self, provider: str) -> bool:
        """Are there patterns for groups of this provider? Otherwise `groups` need not know which are held."""
        return bool(self._sides.get(provider, _NO_SIDE).patterns)

    def values(self, provider: str) -> Mapping[Claim, Offer]:
        """The offers of those attributes that give something without any group."""
        return self._sides.get(provider, _NO_SIDE).values

    def conditions(self, provider: str, roles: int) -> frozenset[Condition]:
        """What rules ask for, beyond one group or value, before they give any of these roles."""
        side = self._sides.get(provider, _NO_SIDE)
        offers = (*side.groups.values(), *side.values.values())
        return frozenset(one for offer in offers for one, given in offer.asking.items() if given & roles)

    def in_tags(self, roles: int) -> frozenset[str]:
        """The attributes that the tags of these roles are made of."""
        return frozenset(name for arn in self.bits.roles(roles) for name in self._in_tags.get(arn, ()))

    def given(self, who: Identity, within: int = -1) -> int:
        """The roles that rules give, of those `within`. Whether the person fits their limits is another question."""
        side = self._sides.get(who.provider)
        if side is None:
            return 0
        groups = self.groups(who.provider, who.groups)
        claims = _claims(who) if side.values else ()
        offers = [groups[group] for group in who.groups if group in groups]
        offers += [side.values[claim] for claim in claims if claim in side.values]
        found = 0
        for offer in offers:
            found |= offer.roles
        for condition, roles in (pair for offer in offers for pair in offer.asking.items()):
            if roles & within & ~found and not self._rules[condition].why_not(who, self.now):
                found |= roles
        return found & within

    def fitting(self, who: Identity, roles: int) -> int:
        """Those of the roles within whose limits the person is: they have what the tags are made of."""
        found = 0
        for names, tagged in self._tagged.items():
            if roles & tagged:
                found |= self._fits(names, who, roles & tagged)
        return found

    def _fits(self, names: tuple[str, ...], who: Identity, roles: int) -> int:
        """Whoever has the same values of the attributes in the tags fits the same roles."""
        key = (names, *(who.attributes.get(name, ()) for name in names))
        known, fitting = self._fitting.get(key, (0, 0))
        for arn in self.bits.roles(roles & ~known):
            fitting |= self.bits.of((arn,)) if may_have(who, self.view.roles[arn], self.now) else 0
        self._fitting[key] = (known | roles, fitting)
        return fitting & roles

    def because(self, who: Identity, arn: RoleArn) -> tuple[str, str]:
        """The rule and the group that `decide` names for a role that is given; both empty if none gives it."""
        if not self._about:
            self._about = _rules_about(self.view)
        role = self.view.roles[arn]
        for rule in self._about.get(arn, ()):
            group = "" if rule.why_not(who, self.now) else rule.gives(who, role)
            if group:
                return rule.id, group
        return "", ""

    def _lay(self, rule: Rule, side: _Side) -> None:
        given = self.bits.of(rule.roles) & self._within
        if rule.group_pattern is not None:
            side.patterns.append(rule)
            side.prefixes = tuple({*side.prefixes, _prefix(rule.group_pattern.text)})
        elif given and rule.groups:
            for group in rule.groups:
                self._put(side.groups.setdefault(group, Offer()), rule, given, asks=bool(rule.attributes))
        elif given:
            # Under each value of its first attribute: a person has a few of them, and rules may be thousands.
            first = min(rule.attributes, default="")
            for claim in [(first, value) for value in rule.attributes[first]] if first else [EVERYBODY]:
                self._put(side.values.setdefault(claim, Offer()), rule, given, asks=len(rule.attributes) > 1)

    def _put(self, offer: Offer, rule: Rule, given: int, *, asks: bool) -> None:
        if asks:
            condition = self._condition(rule)
            offer.asking[condition] = offer.asking.get(condition, 0) | given
        else:
            offer.roles |= given

    def _condition(self, rule: Rule) -> Condition:
        condition = Condition(rule.provider, rule.groups, frozenset(rule.attributes.items()))
        self._rules.setdefault(condition, rule)
        return condition

    def _try_patterns(self, side: _Side, group: str) -> None:
        for rule in side.patterns:
            named = rule.group_pattern.named_role(group) if rule.group_pattern is not None else None
            given = self.bits.of(self._named.get(named, ())) & self._within if named is not None else 0
            if given:
                offer = side.groups.setdefault(group, Offer())
                self._put(offer, rule, given, asks=bool(rule.attributes or rule.groups))


_NO_SIDE = _Side()


def _claims(who: Identity) -> list[Claim]:
    return [EVERYBODY, *((name, value) for name, values in who.attributes.items() for value in values)]


def _prefix(pattern: str) -> str:
    """What every group that the pattern matches begins with: a cheap question before a dear one."""
    found = _FIXED.match(pattern)
    return found[0] if found is not None else ""


def _by_name(view: CatalogView) -> Mapping[tuple[str, str], tuple[RoleArn, ...]]:
    """The roles that a pattern can name, by account and name; paths are not part of it."""
    found: dict[tuple[str, str], tuple[RoleArn, ...]] = {}
    for arn, role in view.roles.items():
        if role.assertion is not Assertion.PASSTHROUGH:
            key = (str(arn.account), arn.name)
            found[key] = (*found.get(key, ()), arn)
    return found


def _rules_about(view: CatalogView) -> dict[RoleArn, list[Rule]]:
    """The rules that can give each role, in the order of the catalog, which decides whose name is said."""
    found: dict[RoleArn, list[Rule]] = {role: [] for role in view.roles}
    for rule in view.rules:
        for role in view.roles if rule.group_pattern is not None else rule.roles & view.roles.keys():
            found[role].append(rule)
    return found
