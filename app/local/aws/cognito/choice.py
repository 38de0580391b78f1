"""Which role an identity gets.

Source: Amazon Cognito Developer Guide, "Using role-based access control": the pool's authenticated role, or a
rule on the claims of the token, or the token's own `cognito:preferred_role` and `cognito:roles`; CustomRoleArn
picks among several, and never adds one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.local.aws.cognito.logins import Login
from app.local.aws.cognito.refusals import bad_configuration, not_authorized
from app.local.aws.cognito.things import IdentityPool, RoleMapping, RoleRule


def role_for(pool: IdentityPool, logins: Sequence[Login], wanted: str) -> str:
    """A role ARN; `wanted` is CustomRoleArn or empty. The first login whose provider has a mapping decides.

    Raises NotAuthorizedException or InvalidIdentityPoolConfigurationException.
    """
    mapped = next((login for login in logins if login.provider in pool.mappings), None)
    if mapped is None:
        if wanted:
            raise _custom_refused()
        return _default(pool)
    mapping = pool.mappings[mapped.provider]
    offered, chosen = _from_token(mapped.claims) if mapping.kind == "Token" else _from_rules(mapping, mapped.claims)
    if wanted:
        if wanted not in offered:
            raise _custom_refused()
        return wanted
    if chosen:
        return chosen
    if mapping.otherwise == "Deny":
        raise not_authorized("The ambiguous role mapping rules denied this request")
    return _default(pool)


def _default(pool: IdentityPool) -> str:
    if "authenticated" not in pool.roles:
        raise bad_configuration()
    return pool.roles["authenticated"]


def _from_token(claims: Mapping[str, Any]) -> tuple[list[str], str]:
    """The roles of the token, and the one it prefers; without a preference, one alone is the choice."""
    raw, preferred = claims.get("cognito:roles", []), claims.get("cognito:preferred_role", "")
    roles = [role for role in (raw if isinstance(raw, list) else [raw]) if isinstance(role, str)]
    if isinstance(preferred, str) and preferred:
        return roles, preferred
    return roles, roles[0] if len(roles) == 1 else ""


def _from_rules(mapping: RoleMapping, claims: Mapping[str, Any]) -> tuple[list[str], str]:
    """The roles of all rules that match; the first of them counts."""
    matched = [rule.role_arn for rule in mapping.rules if _matches(rule, claims.get(rule.claim))]
    return matched, matched[0] if matched else ""


def _matches(rule: RoleRule, value: object) -> bool:
    """A list of strings contains its items. How Cognito treats other lists is not published: they match nothing."""
    if isinstance(value, list):
        return rule.match == "Contains" and rule.value in value
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value)
    match rule.match:
        case "Equals":
            return text == rule.value
        case "NotEqual":
            return text != rule.value
        case "StartsWith":
            return text.startswith(rule.value)
        case _:
            return rule.value in text


def _custom_refused() -> Exception:
    return not_authorized("The custom role ARN is not among the roles that this identity may choose from.")
