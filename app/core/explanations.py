"""Why somebody may take a role or may not: `decide`'s answer, and for each rule about the role what it asks for and
whether that holds. Nothing is decided here: an explanation that could differ from the decision is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.decisions import CatalogView, Denied, Granted, Purpose, decide
from app.core.identity import Identity
from app.core.roles import Assertion, Role, RoleArn
from app.core.rules import Rule


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a rule asks for, the end of a sentence that begins with "It asks": `for one of the groups ...`;
    `found` is what the person has of it, if that is worth telling."""

    asks: str
    holds: bool
    found: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule about the role. `gives`: the group that it gives the role to, `*` for whoever fits, or empty."""

    rule: Rule
    checks: tuple[Check, ...]
    gives: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`answers` for each purpose; `considered` in the order of the catalog, `others` gives the number of rules that are
    about other roles only."""

    role: Role
    answers: Mapping[Purpose, Granted | Denied]
    considered: tuple[Considered, ...]
    others: int

    @property
    def granted(self) -> Granted | None:
        return next((one for one in self.answers.values() if isinstance(one, Granted)), None)

    @property
    def denied(self) -> Denied | None:
        """None if it is granted for some purpose; else the refusal that says most: one that a sign-in would mend, or
        the limit that stands in the way of somebody to whom a rule gives the role."""
        found = [one for one in self.answers.values() if isinstance(one, Denied)]
        if self.granted is not None:
            return None
        return max(found, key=lambda one: (bool(one.needs), one.reason not in ("purpose", "not_given")))

    @property
    def giving(self) -> Considered | None:
        """The first rule that gives it: the one that `decide` goes by."""
        return next((one for one in self.considered if one.gives), None)


def explain(identity: Identity, catalog: CatalogView, arn: RoleArn, now: datetime) -> Explanation | None:
    """None if the catalog has no such role."""
    role = catalog.roles.get(arn)
    if role is None:
        return None
    named = role.assertion is not Assertion.PASSTHROUGH  # which no pattern gives (`Rule.gives`)
    about = [rule for rule in catalog.rules if arn in rule.roles or named and rule.group_pattern is not None]
    return Explanation(
        role,
        {purpose: decide(identity, catalog, arn, purpose, now) for purpose in Purpose},
        tuple(_considered(rule, identity, role, now) for rule in about),
        len(catalog.rules) - len(about),
    )


def _considered(rule: Rule, identity: Identity, role: Role, now: datetime) -> Considered:
    gives = "" if rule.why_not(identity, now) else rule.gives(identity, role)
    return Considered(rule, tuple(_checks(rule, identity, role, now)), gives)


def _checks(rule: Rule, identity: Identity, role: Role, now: datetime) -> Iterator[Check]:
    """All of them, and not only the first that fails: who mends one thing wants to know of the next."""
    own = identity.provider == rule.provider
    yield Check(f"for somebody who signs in by {rule.provider}", own, "" if own else f"by {identity.provider}")
    if rule.expires is not None:
        said = f"{rule.expires.astimezone(UTC):%d %B %Y, %H:%M} UTC"
        yield Check(f"to be used before {said}", not rule.is_over(now), "it is over" * rule.is_over(now))
    if rule.groups:
        # The groups of another provider have the same names by accident only.
        held = sorted(rule.groups & identity.groups) if own else []
        yield Check(f"for {_one_of('the group', 'the groups', rule.groups)}", bool(held), ", ".join(held))
    for name, accepted in sorted(rule.attributes.items()):
        values = identity.attributes.get(name, ()) if own else ()
        fits = bool(accepted & set(values))
        found = ", ".join(values) if values else "nothing is said of it"
        yield Check(f"for {name} to be {_one_of('', '', accepted)}", own and fits, found)
    if rule.group_pattern is not None:
        named = rule.gives(identity, role) if own else ""
        asked = f"for a group that names account {role.arn.account} and {role.arn.name} as {rule.group_pattern.text}"
        yield Check(asked, bool(named), named)


def _one_of(single: str, several: str, names: frozenset[str]) -> str:
    listed = ", ".join(sorted(names))
    return f"{single} {listed}".strip() if len(names) == 1 else f"one of {several} {listed}".replace("  ", " ")
