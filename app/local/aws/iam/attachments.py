"""Managed policies attached to roles and users. Like inline ones, they hold only once they have settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.iam.common import limit_exceeded, no_such_entity
from app.local.aws.iam.managed_policies import no_such_policy
from app.local.aws.iam.roles import required_role
from app.local.aws.iam.users import required_user
from app.local.aws.policy.managed import text_of
from app.local.aws.things import PolicyChange, Role, User

MOST = 10  # IAM quotas, "Managed policies per role"


def attach_role_policy(visit: Visit) -> dict[str, Any]:
    return _attach(visit, required_role(visit))


def detach_role_policy(visit: Visit) -> dict[str, Any]:
    return _detach(visit, required_role(visit))


def list_attached_role_policies(visit: Visit) -> dict[str, Any]:
    return _list(required_role(visit))


def attach_user_policy(visit: Visit) -> dict[str, Any]:
    return _attach(visit, required_user(visit))


def detach_user_policy(visit: Visit) -> dict[str, Any]:
    return _detach(visit, required_user(visit))


def list_attached_user_policies(visit: Visit) -> dict[str, Any]:
    return _list(required_user(visit))


def _attach(visit: Visit, holder: Role | User) -> dict[str, Any]:
    """Attaching what is attached is not an error."""
    policy_arn = visit.text("PolicyArn")
    if text_of(policy_arn, visit.desk.world, holder.partition, holder.account) is None:
        raise no_such_policy(policy_arn)
    if policy_arn in holder.attached():
        return {}
    if len(holder.attached()) >= MOST:
        kind = "Role" if isinstance(holder, Role) else "User"
        raise limit_exceeded(f"Cannot exceed quota for PoliciesPer{kind}: {MOST}")
    return _changed(visit, holder, "")


def _detach(visit: Visit, holder: Role | User) -> dict[str, Any]:
    policy_arn = visit.text("PolicyArn")
    if policy_arn not in holder.attached():
        raise no_such_entity(f"Policy {policy_arn} was not found.")
    return _changed(visit, holder, None)


def _list(holder: Role | User) -> dict[str, Any]:
    shown = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in holder.attached()]
    return {"AttachedPolicies": shown, "IsTruncated": False}


def _changed(visit: Visit, holder: Role | User, document: str | None) -> dict[str, Any]:
    change = PolicyChange(visit.now, visit.text("PolicyArn"), document)
    match holder:
        case Role():
            visit.desk.world.roles[holder.arn] = replace(holder, attachments=(*holder.attachments, change))
        case User():
            visit.desk.world.users[holder.arn] = replace(holder, attachments=(*holder.attachments, change))
    return {}
