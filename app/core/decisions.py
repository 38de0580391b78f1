"""The decision: may this person take this role now, and inside which limits?

`decide` answers with its evidence; the same value feeds the audit, the API error and the page. Nothing is
remembered between calls: entitlements are computed at the moment of use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.core.durations import spoken
from app.core.identity import Identity
from app.core.needs import Needs
from app.core.roles import Account, AccountId, Method, ProviderArn, Role, RoleArn
from app.core.rules import Rule
from app.core.session_tags import SessionTags
from app.core.sign_in_tags import sign_in_tags
from app.core.size import CLI_PERCENT, CONSOLE_PERCENT, Budget, fits


class Purpose(StrEnum):
    CONSOLE = "console"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class CatalogView:
    """What a decision may look at. `version` names the catalog's content, for the audit."""

    version: str
    accounts: Mapping[AccountId, Account]
    roles: Mapping[RoleArn, Role]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission with its limits inside: whoever holds it needs to look nothing else up.

    `packed` says how much of AWS's space it is thought to take, and which of the role's tags had to stay at home.
    """

    role: Role
    method: Method
    provider_arn: ProviderArn | None
    max_seconds: int
    tags: SessionTags
    transitive_tags: tuple[str, ...]
    policy: str
    policy_arns: tuple[str, ...]
    purposes: frozenset[Purpose]
    packed: Budget = field(default_factory=lambda: Budget(0))


@dataclass(frozen=True, slots=True)
class Granted:
    grant: Grant
    rule: str  # the id of the rule that gave it
    group: str  # the group that matched, or `*`
    catalog_version: str


@dataclass(frozen=True, slots=True)
class Denied:
    """`reason` is stable, for programs and the audit; `sentence` is for the person."""

    reason: str
    sentence: str
    considered: tuple[str, ...] = field(default=())  # "rule-id: why not", in the order of the catalog
    needs: Needs = field(default_factory=Needs)  # with a sign-in that has these, the answer would be yes


def decide(identity: Identity, catalog: CatalogView, arn: RoleArn, purpose: Purpose, now: datetime) -> Granted | Denied:
    """May `identity` take the role `arn` for `purpose` at `now`? Fails closed in every branch."""
    role = catalog.roles.get(arn)
    if role is None:
        # The same words as for a role that exists: the answer must not map out the catalog.
        return Denied("not_given", not_given(arn.name, arn.account))
    considered: list[str] = []
    for rule in catalog.rules:
        why_not = rule.why_not(identity, now)
        group = "" if why_not else rule.gives(identity, role)
        if group:
            return _within_limits(identity, role, rule.id, group, purpose, catalog.version, now)
        considered.append(f"{rule.id}: {why_not or 'does not give this role'}")
    return Denied("not_given", not_given(arn.name, arn.account), tuple(considered))


def entitlements(identity: Identity, catalog: CatalogView, now: datetime) -> list[Grant]:
    """Every role that the person may take now, for some purpose, in the order of accounts and labels."""
    grants = []
    for role in _given(identity, catalog, now):
        answers = (_within_limits(identity, role, "", "", purpose, "", now) for purpose in _purposes(role))
        grants += [answer.grant for answer in answers if isinstance(answer, Granted)][:1]
    return sorted(grants, key=lambda g: (catalog.accounts[g.role.arn.account].name, g.role.label, g.role.arn))


def _given(identity: Identity, catalog: CatalogView, now: datetime) -> list[Role]:
    """What any rule gives; each rule is asked once, and not once for each role: ten thousand of both took seconds."""
    rules = [rule for rule in catalog.rules if not rule.why_not(identity, now)]
    named = {
        arn for rule in rules for arn in rule.roles & catalog.roles.keys() if rule.gives(identity, catalog.roles[arn])
    }
    patterns = [rule for rule in rules if rule.group_pattern is not None]
    return [
        role
        for arn, role in catalog.roles.items()
        if arn in named or any(rule.gives(identity, role) for rule in patterns)
    ]


def within_reach(identity: Identity, catalog: CatalogView, now: datetime) -> list[tuple[Grant, Needs]]:
    """The same with the roles that a stronger or fresher sign-in would give, each with what it would need; falsy for
    those that may be taken as it is."""
    confirmed = replace(identity, mfa=True, authenticated_at=now)
    grants = entitlements(confirmed, catalog, now)
    return [(grant, needs if (needs := grant.role.needs).missing(identity, now) else Needs()) for grant in grants]


def may_have(identity: Identity, role: Role, now: datetime) -> bool:
    """Would somebody to whom a rule gives it get the role, for any purpose, after the sign-in that it needs?"""
    confirmed = replace(identity, mfa=True, authenticated_at=now)
    answers = (_within_limits(confirmed, role, "", "", purpose, "", now) for purpose in _purposes(role))
    return any(isinstance(answer, Granted) for answer in answers)


def attributes_in_tags(role: Role) -> frozenset[str]:
    """The names of the attributes that the role's session tags are made of."""
    return frozenset(name for text in role.tags.values() for name in _PLACEHOLDER.findall(text))


def _within_limits(
    identity: Identity, role: Role, rule: str, group: str, purpose: Purpose, version: str, now: datetime
) -> Granted | Denied:
    if purpose not in _purposes(role):
        return Denied("purpose", f"The role {role.label} is not given out for the {_WORDS[purpose]}.")
    missing = role.needs.missing(identity, now)
    if missing:
        return Denied("mfa" if missing.mfa else "fresh", _step_up(role), needs=role.needs)
    try:
        said = {key: _filled(text, identity) for key, text in role.tags.items()}
        tags = SessionTags({**said, **sign_in_tags(role, identity)})
    except ValueError as problem:
        return Denied("tags", f"The role {role.label} needs session tags from your profile: {problem}.")
    packed = fits(role, tags, _SPACE[purpose])
    if packed.percent > _SPACE[purpose]:
        return Denied("size", _too_large(role, packed, purpose))
    return Granted(_grant(role, packed.keeps(tags), packed), rule, group, version)


def _step_up(role: Role) -> str:
    """All that is needed, not only what is missing: one sign-in must do."""
    asked = [f"of the last {spoken(60 * role.fresh_minutes)}"] if role.fresh_minutes is not None else []
    asked += ["with a second factor"] if role.require_mfa else []
    return f"The role {role.label} needs a sign-in {' '.join(asked)}."


def _grant(role: Role, tags: SessionTags, packed: Budget) -> Grant:
    return Grant(
        role,
        role.method,
        role.provider_arn,
        role.max_seconds,
        tags,
        tuple(key for key in role.transitive_tags if key in tags),  # AWS refuses one that is not passed
        role.policy,
        role.policy_arns,
        _purposes(role),
        packed,
    )


def _too_large(role: Role, packed: Budget, purpose: Purpose) -> str:
    return (
        f"Your session tags are too large for the role {role.label}: with them it takes {packed.percent} % of the "
        f"space that AWS has for policies and tags, and {_SPACE[purpose]} % is left for the {_WORDS[purpose]}. "
        "Show this to the people who manage AWS access."
    )


_SPACE = {Purpose.CONSOLE: CONSOLE_PERCENT, Purpose.CLI: CLI_PERCENT}
_WORDS = {Purpose.CONSOLE: "console", Purpose.CLI: "command line"}
_PLACEHOLDER = re.compile(r"\{attribute\.([A-Za-z0-9_.:/-]+)\}")


def without_placeholders(text: str) -> str:
    """What of a tag text is fixed; checked when the catalog is read, not when somebody first wants the role."""
    return _PLACEHOLDER.sub("", text)


def _filled(text: str, identity: Identity) -> str:
    """A tag is refused rather than guessed: a missing or many-valued attribute must not open an ABAC door."""

    def value(found: re.Match[str]) -> str:
        values = identity.attributes.get(found[1], ())
        if len(values) != 1:
            raise ValueError(f"the attribute {found[1]} has {len(values)} values where one is needed")
        return values[0]

    return _PLACEHOLDER.sub(value, text)


def _purposes(role: Role) -> frozenset[Purpose]:
    offered = ((Purpose.CONSOLE, role.console), (Purpose.CLI, role.cli))
    return frozenset(purpose for purpose, on in offered if on)


def not_given(name: str, account: str) -> str:
    """One sentence for a role that exists and for one that does not."""
    return (
        f"None of your groups gives you the role {name} in account {account}. "
        "If you need it, ask the people who manage AWS access."
    )
