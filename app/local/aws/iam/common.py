"""What all IAM operations share: permission, errors, paths, tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.policy.evaluation import Ask
from app.local.aws.refusals import Refusal, invalid
from app.local.aws.signing.caller import principal_context

MOST_TAGS = 50
INLINE_LIMIT = {"role": 10_240, "user": 2_048}  # characters without blanks (IAM quotas)
TRUST_LIMIT = 2_048


def no_such_entity(message: str) -> Refusal:
    return Refusal("NoSuchEntity", message, 404)


def already_exists(message: str) -> Refusal:
    return Refusal("EntityAlreadyExists", message, 409)


def limit_exceeded(message: str) -> Refusal:
    return Refusal("LimitExceeded", message, 409)


def delete_conflict(message: str) -> Refusal:
    return Refusal("DeleteConflict", message, 409)


def invalid_input(message: str) -> Refusal:
    return Refusal("InvalidInput", message)


def permit(visit: Visit, resource: str) -> None:
    """The operation that was called, on this resource, by this caller."""
    context = visit.surroundings() | principal_context(visit.signer, visit.desk.world)
    if visit.action.startswith(("Attach", "Detach")):
        context |= {"iam:policyarn": (visit.text("PolicyArn"),)}
    visit.desk.permissions().require(visit.signer, Ask(f"iam:{visit.action}", resource, context))


def arn(visit: Visit, kind: str, rest: str) -> str:
    return f"arn:{visit.signer.partition}:iam::{visit.signer.account}:{kind}/{rest}"


def path_of(visit: Visit) -> str:
    path = visit.text("Path") or "/"
    if "//" in path:
        raise invalid("The specified value for path is invalid. It must begin and end with / and not hold //.")
    return path


def tags_of(visit: Visit) -> dict[str, str]:
    pairs = [(str(item["Key"]), str(item["Value"])) for item in visit.parameters.get("Tags", [])]
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    return dict(pairs)


def retagged(visit: Visit, now: Mapping[str, str]) -> dict[str, str]:
    """The tags after TagRole: a key replaces the one that differs only in case. Raises LimitExceeded."""
    new = tags_of(visit)
    folded = {key.lower() for key in new}
    after = {key: value for key, value in now.items() if key.lower() not in folded} | new
    if len(after) > MOST_TAGS:
        raise limit_exceeded(f"Cannot exceed quota for TagsPerRole: {MOST_TAGS}")
    return after


def tag_list(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def encoded(document: str) -> str:
    """IAM returns policy documents percent-encoded (RFC 3986)."""
    return quote(document, safe="")


def weight(document: str) -> int:
    """Blanks do not count towards the quotas."""
    return len(re.sub(r"\s", "", document))


def same_account(visit: Visit, provider_arn: str, kind: str) -> str:
    found = arns.parse(provider_arn, kind)
    if found is None:
        raise invalid_input(f"Invalid ARN: {provider_arn}")
    permit(visit, provider_arn)
    if found.account != visit.signer.account:
        raise no_such_entity(f"{provider_arn} does not exist.")
    return provider_arn
