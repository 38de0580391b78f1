"""Does this policy allow this request? An explicit deny wins over everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from app.local.aws.policy.conditions import holds
from app.local.aws.policy.documents import Policy, Statement, Use, parse
from app.local.aws.policy.patterns import Context, glob, like


class Verdict(Enum):
    ALLOW = "allow"
    DENY = "explicit deny"
    SILENT = "implicit deny"


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one resource. `context` keys are lower-case."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Who:
    """The principal of a trust decision, under the names a policy may use.

    `direct` names mean this very principal; `account` names mean its account, and then the account's own
    identity policies must agree as well (IAM User Guide, "Cross-account policy evaluation logic").
    """

    kind: str  # AWS or Federated
    direct: frozenset[str]
    account: frozenset[str] = frozenset()


def permits(policies: Iterable[str], ask: Ask) -> Verdict:
    """Permission or session policies together."""
    return _combined(
        statement.allow
        for policy in (parse(text, Use.PERMISSIONS) for text in policies)
        for statement in policy.statements
        if _covers(statement, ask, policy)
    )


def trusts(trust: str, who: Who, ask: Ask, *, directly: bool) -> Verdict:
    """A trust policy. With `directly`, allows that only name the account are left out (denies never are)."""
    policy = parse(trust, Use.TRUST)
    return _combined(
        statement.allow
        for statement in policy.statements
        if _names(statement, who, directly and statement.allow) and _covers(statement, ask, policy)
    )


def _combined(effects: Iterable[bool]) -> Verdict:
    found = set(effects)
    if False in found:
        return Verdict.DENY
    return Verdict.ALLOW if found else Verdict.SILENT


def _covers(statement: Statement, ask: Ask, policy: Policy) -> bool:
    acts = any(glob(pattern, ask.action, case=False) for pattern in statement.actions)
    if acts is statement.not_action:
        return False
    if statement.resources:
        there = any(like(p, ask.resource, ask.context, policy.variables) for p in statement.resources)
        if there is statement.not_resource:
            return False
    return all(holds(condition, ask.context, policy.variables) for condition in statement.conditions)


def _names(statement: Statement, who: Who, directly: bool) -> bool:
    names = who.direct if directly else who.direct | who.account
    named = any(kind == who.kind and value in names for kind, value in statement.principals)
    return named is not statement.not_principal
