"""People, roles and rules for the tests of what stands on core: the cast of the local story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.core.decisions import CatalogView
from app.core.identity import Identity
from app.core.roles import Account, AccountId, Method, Role, RoleArn
from app.core.rules import Rule

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DEVELOPMENT = Account(AccountId("111111111111"), "Development")
PRODUCTION = Account(AccountId("999999999999"), "Production")
UPDATE_APP = RoleArn("arn:aws:iam::999999999999:role/UpdateApp")


def person(who: str = "alice", /, *groups: str, **more: Any) -> Identity:
    given: dict[str, Any] = {
        "provider": "corp",
        "subject": f"subject-of-{who}",
        "name": f"{who}@example.test",
        "groups": frozenset(groups),
        "authenticated_at": NOW,
        "verified_at": NOW,
    }
    return Identity(**(given | more))


def a_role(arn: str = UPDATE_APP, **more: Any) -> Role:
    return Role(**({"arn": RoleArn(arn), "label": "Update the app", "method": Method.ASSUME_ROLE} | more))


def a_rule(*groups: str, **more: Any) -> Rule:
    given = {"id": "developers", "provider": "corp", "groups": frozenset(groups), "roles": frozenset({UPDATE_APP})}
    return Rule(**(given | more))


def a_catalog(roles: Iterable[Role], rules: Iterable[Rule], version: str = "v1") -> CatalogView:
    accounts = {account.id: account for account in (DEVELOPMENT, PRODUCTION)}
    return CatalogView(version, accounts, {role.arn: role for role in roles}, tuple(rules))
