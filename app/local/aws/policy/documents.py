"""Policy documents, parsed strictly: what IAM would not store is MalformedPolicyDocument here too.

Three uses with three grammars: a trust policy names principals and sts actions and no resource; a
permission policy names resources and no principal; a session policy is a permission policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from app.local.aws.policy.grammar import Condition, conditions_of, principals_of, strings
from app.local.aws.refusals import malformed_policy


class Use(StrEnum):
    TRUST = "trust"
    PERMISSIONS = "permissions"


@dataclass(frozen=True, slots=True)
class Statement:
    """`principals` are (kind, value); `not_...` turn the list beside them round."""

    allow: bool
    principals: tuple[tuple[str, str], ...]
    not_principal: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...]
    not_resource: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`variables`: only the version 2012-10-17 knows `${...}`; before, it was plain text."""

    variables: bool
    statements: tuple[Statement, ...]


_TOP = {"Version", "Id", "Statement"}
_INSIDE = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip


@lru_cache(maxsize=512)
def parse(text: str, use: Use) -> Policy:
    """Raises MalformedPolicyDocument."""
    document = _json(text)
    if set(document) - _TOP or "Statement" not in document:
        raise malformed_policy("Syntax errors in policy.")
    version = document.get("Version", "2008-10-17")
    if version not in ("2012-10-17", "2008-10-17"):
        raise malformed_policy("The policy must contain a valid version string")
    raw = document["Statement"]
    statements = raw if isinstance(raw, list) else [raw]
    if not statements:
        raise malformed_policy("Syntax errors in policy.")
    return Policy(version == "2012-10-17", tuple(_statement(item, use) for item in statements))


def _json(text: str) -> dict[str, Any]:
    """A key that stands twice is refused: readers differ on which one counts."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in items}) != len(items):
            raise malformed_policy("Syntax errors in policy.")
        return dict(items)

    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        raise malformed_policy("This policy contains invalid Json") from None
    if not isinstance(document, dict):
        raise malformed_policy("Syntax errors in policy.")
    return document


def _statement(raw: object, use: Use) -> Statement:
    if not isinstance(raw, Mapping) or set(raw) - _INSIDE or raw.get("Effect") not in ("Allow", "Deny"):
        raise malformed_policy("Syntax errors in policy.")
    _one_of(raw, "Action", "NotAction", "Policy statement must contain actions.")
    if use is Use.TRUST:
        _one_of(raw, "Principal", "NotPrincipal", "Missing required field Principal")
        if "Resource" in raw or "NotResource" in raw:
            raise malformed_policy("Has prohibited field Resource")
    else:
        _one_of(raw, "Resource", "NotResource", "Policy statement must contain resources.")
        if "Principal" in raw or "NotPrincipal" in raw:
            raise malformed_policy("Policy document should not specify a principal.")
    return Statement(
        allow=raw["Effect"] == "Allow",
        principals=principals_of(raw.get("Principal", raw.get("NotPrincipal"))),
        not_principal="NotPrincipal" in raw,
        actions=_actions(strings(raw.get("Action", raw.get("NotAction"))), use),
        not_action="NotAction" in raw,
        resources=_resources(strings(raw.get("Resource", raw.get("NotResource", [])))),
        not_resource="NotResource" in raw,
        conditions=conditions_of(raw.get("Condition", {})),
    )


def _one_of(raw: Mapping[str, Any], plain: str, turned: str, missing: str) -> None:
    if plain in raw and turned in raw:
        raise malformed_policy("Syntax errors in policy.")
    if plain not in raw and turned not in raw:
        raise malformed_policy(missing)


def _actions(actions: tuple[str, ...], use: Use) -> tuple[str, ...]:
    for action in actions:
        vendor, colon, _ = action.partition(":")
        if use is Use.TRUST and vendor.lower() != "sts":
            raise malformed_policy("AssumeRole policy may only specify STS AssumeRole actions.")
        if action != "*" and not (colon and vendor):
            raise malformed_policy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    return actions


def _resources(resources: tuple[str, ...]) -> tuple[str, ...]:
    for resource in resources:
        if not (resource == "*" or resource.startswith("arn:") and resource.count(":") >= 5):
            raise malformed_policy(f'Resource {resource} must be in ARN format or "*".')
    return resources
