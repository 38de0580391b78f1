"""Inline policies of roles and users. A change is written down with its time: it holds only later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.iam.common import INLINE_LIMIT, encoded, limit_exceeded, no_such_entity, weight
from app.local.aws.iam.roles import required_role
from app.local.aws.iam.users import required_user
from app.local.aws.policy.documents import Use, parse
from app.local.aws.things import PolicyChange, Role, User


def put_role_policy(visit: Visit) -> dict[str, Any]:
    return _put(visit, required_role(visit))


def put_user_policy(visit: Visit) -> dict[str, Any]:
    return _put(visit, required_user(visit))


def get_role_policy(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    return {"RoleName": role.name, "PolicyName": visit.text("PolicyName"), "PolicyDocument": _document(visit, role)}


def get_user_policy(visit: Visit) -> dict[str, Any]:
    user = required_user(visit)
    return {"UserName": user.name, "PolicyName": visit.text("PolicyName"), "PolicyDocument": _document(visit, user)}


def list_role_policies(visit: Visit) -> dict[str, Any]:
    return {"PolicyNames": sorted(required_role(visit).policies()), "IsTruncated": False}


def list_user_policies(visit: Visit) -> dict[str, Any]:
    return {"PolicyNames": sorted(required_user(visit).policies()), "IsTruncated": False}


def delete_role_policy(visit: Visit) -> dict[str, Any]:
    return _delete(visit, required_role(visit))


def delete_user_policy(visit: Visit) -> dict[str, Any]:
    return _delete(visit, required_user(visit))


def _document(visit: Visit, holder: Role | User) -> str:
    name = visit.text("PolicyName")
    if name not in holder.policies():
        raise _missing(holder, name)
    return encoded(holder.policies()[name])


def _put(visit: Visit, holder: Role | User) -> dict[str, Any]:
    text, kind = visit.text("PolicyDocument"), _kind(holder)
    parse(text, Use.PERMISSIONS)
    after = holder.policies() | {visit.text("PolicyName"): text}
    if sum(weight(document) for document in after.values()) > INLINE_LIMIT[kind]:
        raise limit_exceeded(f"Maximum policy size of {INLINE_LIMIT[kind]} bytes exceeded for {kind} {holder.name}")
    return _changed(visit, holder, text)


def _delete(visit: Visit, holder: Role | User) -> dict[str, Any]:
    if visit.text("PolicyName") not in holder.policies():
        raise _missing(holder, visit.text("PolicyName"))
    return _changed(visit, holder, None)


def _changed(visit: Visit, holder: Role | User, document: str | None) -> dict[str, Any]:
    change = PolicyChange(visit.now, visit.text("PolicyName"), document)
    match holder:
        case Role():
            visit.desk.world.roles[holder.arn] = replace(holder, changes=(*holder.changes, change))
        case User():
            visit.desk.world.users[holder.arn] = replace(holder, changes=(*holder.changes, change))
    return {}


def _kind(holder: Role | User) -> str:
    return "role" if isinstance(holder, Role) else "user"


def _missing(holder: Role | User, name: str) -> Exception:
    return no_such_entity(f"The {_kind(holder)} policy with name {name} cannot be found.")
