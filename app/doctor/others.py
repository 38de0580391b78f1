"""Everybody who may take the role without the gateway, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.doctor.calls import Call
from app.doctor.narrowing import who_is_meant
from app.doctor.policies import Statement, Trust
from app.doctor.rulings import covers

TAKING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_DELETED = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?")


def others(trust: Trust, call: Call | None) -> tuple[str, ...]:
    """One line for each principal that is not the one of our call, and for ours where others share it."""
    ours = call.names if call is not None else frozenset()
    lines = [
        f"{words(kind, value)}{_limits(statement)}"
        for statement in trust.statements
        if statement.allow and not statement.not_principal and any(covers(statement, action) for action in TAKING)
        for kind, value in statement.principals
        if value not in ours
    ]
    return tuple(dict.fromkeys([*lines, *_all_but(trust)]))


def account_of(value: str) -> str:
    """The account that a principal means as a whole; empty if it means none."""
    found = _ACCOUNT.fullmatch(value)
    return found[1] if found else ""


def words(kind: str, value: str) -> str:
    """A principal as people say it."""
    if value == "*":
        return "Everybody in every AWS account"
    if kind == "Federated":
        return f"Whoever {_vouched_by(value)}"
    if kind == "Service":
        return f"The AWS service {value}, for whoever may pass it this role"
    if _DELETED.fullmatch(value):
        return f"Nobody any more: {value} is a user or role that was deleted"
    if account := account_of(value):
        return f"Every user and role of the account {account} whose own policies allow it"
    if ":assumed-role/" in value:
        return f"The session {value}"
    return f"The {'user' if ':user/' in value else 'role'} {value}" if value.startswith("arn:") else f"{kind} {value}"


def _vouched_by(value: str) -> str:
    if ":saml-provider/" in value:
        return f"the SAML provider {value} vouches for"
    name = value.partition("/")[2] if ":oidc-provider/" in value else value
    return f"has a token of {name}"


def _limits(statement: Statement) -> str:
    narrowed = who_is_meant(statement)
    return f", if {' and '.join(narrowed)}" if narrowed else ""


def _all_but(trust: Trust) -> Iterator[str]:
    for statement in trust.statements:
        if statement.allow and statement.not_principal:
            named = ", ".join(value for _, value in statement.principals)
            yield f"Everybody but {named} ({statement.name} has NotPrincipal)"
