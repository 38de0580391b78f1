"""AssumeRole: a user or a session takes a role (STS API Reference)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.refusals import access_denied, invalid_value
from app.local.aws.session import Kind
from app.local.aws.signing.caller import Context, with_code
from app.local.aws.sts.carried import Carried, chained, check_transitive, tags_of
from app.local.aws.sts.issue import Holder, issue, role_seconds
from app.local.aws.sts.mfa import given_code
from app.local.aws.sts.trust import find_role, require_trusted_caller
from app.local.aws.things import Role


def assume_role(visit: Visit) -> dict[str, Any]:
    caller, role_arn = visit.signer, visit.text("RoleArn")
    passed = _passed(visit)
    found = find_role(visit, role_arn)
    if caller.is_root:
        raise access_denied("Roles may not be assumed by root accounts.")
    if caller.session is not None and caller.session.kind is Kind.FEDERATED:
        raise access_denied("Cannot call AssumeRole with federated user credentials")
    context: Context = with_code(0) if given_code(visit) else {}
    if (external_id := visit.parameters.get("ExternalId")) is not None:
        context["sts:externalid"] = (external_id,)
    carried = chained(passed, caller, role_arn)
    role = require_trusted_caller(visit, found, carried, context)
    chaining = caller.session is not None and caller.session.kind is Kind.ROLE
    holder = role_holder(role, visit.text("RoleSessionName"), carried, role_seconds(visit, role, chained=chaining))
    return role_reply(role, visit.text("RoleSessionName")) | issue(visit, replace(holder, chained=chaining))


def role_holder(
    role: Role, name: str, carried: Carried, seconds: int, claims: dict[str, tuple[str, ...]] | None = None
) -> Holder:
    return Holder(
        Kind.ROLE, role.account, role.partition, role.name, role.role_id, name, seconds, carried, claims=claims or {}
    )


def role_reply(role: Role, session_name: str) -> dict[str, Any]:
    arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{session_name}"
    return {"AssumedRoleUser": {"AssumedRoleId": f"{role.role_id}:{session_name}", "Arn": arn}}


def _passed(visit: Visit) -> Carried:
    if visit.parameters.get("ProvidedContexts"):
        raise invalid_value("ProvidedContexts names no context provider that this account knows.")
    tags = tags_of(visit.parameters.get("Tags", []))
    transitive = check_transitive(visit.parameters.get("TransitiveTagKeys", []), tags)
    return Carried(tags, transitive, visit.text("SourceIdentity"))
