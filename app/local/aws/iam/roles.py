"""Roles and their trust policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.iam.common import (
    TRUST_LIMIT,
    already_exists,
    arn,
    delete_conflict,
    encoded,
    limit_exceeded,
    no_such_entity,
    path_of,
    permit,
    retagged,
    tag_list,
    tags_of,
    weight,
)
from app.local.aws.policy.documents import Use, parse
from app.local.aws.policy.shared_issuers import check_shared_issuers
from app.local.aws.refusals import malformed_policy
from app.local.aws.things import Role


def create_role(visit: Visit) -> dict[str, Any]:
    name, path, world = visit.text("RoleName"), path_of(visit), visit.desk.world
    role_arn = arn(visit, "role", path.lstrip("/") + name)
    permit(visit, role_arn)
    trust = _checked_trust(visit, visit.text("AssumeRolePolicyDocument"))
    if world.role(visit.signer.account, name) is not None:
        raise already_exists(f"Role with name {name} already exists.")
    role = Role(
        arn=role_arn,
        account=visit.signer.account,
        partition=visit.signer.partition,
        path=path,
        name=name,
        role_id=visit.desk.unique_id("AROA"),
        created=visit.now,
        trust=trust,
        max_seconds=visit.number("MaxSessionDuration") or 3_600,
        description=visit.text("Description"),
        tags=tags_of(visit),
    )
    world.roles[role_arn] = role
    return {"Role": _shown(role)}


def get_role(visit: Visit) -> dict[str, Any]:
    return {"Role": _shown(required_role(visit))}


def list_roles(visit: Visit) -> dict[str, Any]:
    permit(visit, arn(visit, "role", "*"))
    prefix = visit.text("PathPrefix") or "/"
    found = [role for role in visit.desk.world.roles_of(visit.signer.account) if role.path.startswith(prefix)]
    start, size = int(visit.text("Marker") or 0), visit.number("MaxItems") or 100
    page = found[start : start + size]
    more = start + size < len(found)
    marker = {"Marker": str(start + size)} if more else {}
    return {"Roles": [_shown(role) for role in page], "IsTruncated": more} | marker


def update_role(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    seconds = visit.number("MaxSessionDuration") or role.max_seconds
    description = str(visit.parameters.get("Description", role.description))
    visit.desk.world.roles[role.arn] = replace(role, max_seconds=seconds, description=description)
    return {}


def tag_role(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    visit.desk.world.roles[role.arn] = replace(role, tags=retagged(visit, role.tags))
    return {}


def untag_role(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    gone = {str(key).lower() for key in visit.parameters.get("TagKeys", [])}
    kept = {key: value for key, value in role.tags.items() if key.lower() not in gone}
    visit.desk.world.roles[role.arn] = replace(role, tags=kept)
    return {}


def list_role_tags(visit: Visit) -> dict[str, Any]:
    return {"Tags": tag_list(required_role(visit).tags), "IsTruncated": False}


def update_assume_role_policy(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    trust = _checked_trust(visit, visit.text("PolicyDocument"))
    visit.desk.world.roles[role.arn] = replace(role, trust=trust)
    return {}


def delete_role(visit: Visit) -> dict[str, Any]:
    role = required_role(visit)
    if role.attached():
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    if role.policies():
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    del visit.desk.world.roles[role.arn]
    return {}


def required_role(visit: Visit) -> Role:
    """The role that the call names, once the caller may touch it. Raises NoSuchEntity."""
    name = visit.text("RoleName")
    role = visit.desk.world.role(visit.signer.account, name)
    permit(visit, role.arn if role else arn(visit, "role", name))
    if role is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return role


def _checked_trust(visit: Visit, text: str) -> str:
    """Users and roles that a trust policy names must exist, where this AWS holds their account."""
    for statement in parse(text, Use.TRUST).statements:
        for kind, value in statement.principals:
            if kind == "AWS" and not _exists(visit, value):
                raise malformed_policy(f'Invalid principal in policy: "AWS":"{value}"')
        check_shared_issuers(statement)
    if weight(text) > TRUST_LIMIT:
        raise limit_exceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_LIMIT}")
    return text


def _exists(visit: Visit, principal: str) -> bool:
    world = visit.desk.world
    found = arns.parse(principal)
    if found is None or found.kind not in ("role", "user"):
        account = principal if principal.isdigit() else principal.split(":")[4] if ":" in principal else ""
        return not account or account in world.accounts or len(account) == 12
    return found.account not in world.accounts or principal in (world.roles if found.kind == "role" else world.users)


def _shown(role: Role) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(role.trust),
        "MaxSessionDuration": role.max_seconds,
        "Tags": tag_list(role.tags),
    }
    return shown | ({"Description": role.description} if role.description else {})
