"""GetCallerIdentity, GetFederationToken, GetSessionToken, GetAccessKeyInfo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.policy.evaluation import Ask
from app.local.aws.refusals import access_denied, invalid
from app.local.aws.session import Kind
from app.local.aws.signing.caller import principal_context
from app.local.aws.sts.carried import Carried, tags_of
from app.local.aws.sts.issue import Holder, issue
from app.local.aws.sts.mfa import given_code

DEFAULT_SECONDS = 43_200
ROOT_SECONDS = 3_600


def get_caller_identity(visit: Visit) -> dict[str, Any]:
    """Needs no permission, and no policy can deny it (STS API Reference)."""
    caller = visit.signer
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def get_federation_token(visit: Visit) -> dict[str, Any]:
    _long_term_keys_only(visit)
    caller, name = visit.signer, visit.text("Name")
    carried = Carried(tags_of(visit.parameters.get("Tags", [])))
    arn = arns.federated_user(caller.partition, caller.account, name)
    context = visit.surroundings() | principal_context(caller, visit.desk.world) | carried.context()
    for action in carried.needs("sts:GetFederationToken"):
        visit.desk.permissions().require(caller, Ask(action, arn, context))
    holder = _holder(visit, Kind.FEDERATED, name, carried)
    user = {"FederatedUserId": f"{caller.account}:{name}", "Arn": arn}
    return {"FederatedUser": user} | issue(visit, holder)


def get_session_token(visit: Visit) -> dict[str, Any]:
    """Needs no permission and cannot be controlled by a policy."""
    _long_term_keys_only(visit)
    mfa_at = visit.now if given_code(visit) else None
    return issue(visit, replace(_holder(visit, Kind.USER, "", Carried()), mfa_at=mfa_at))


def get_access_key_info(visit: Visit) -> dict[str, Any]:
    key_id, world = visit.text("AccessKeyId"), visit.desk.world
    found = world.keys.get(key_id) or world.sessions.get(key_id)
    if found is None:
        raise invalid(f"{key_id} is not a valid access key id")
    return {"Account": found.account}


def _long_term_keys_only(visit: Visit) -> None:
    if visit.signer.session is not None:
        raise access_denied(f"Cannot call {visit.action} with session credentials")


def _holder(visit: Visit, kind: Kind, name: str, carried: Carried) -> Holder:
    """Root's sessions are cut to an hour; others run twelve hours unless they ask otherwise."""
    caller = visit.signer
    owner = caller.user.name if caller.user else ""
    seconds = visit.number("DurationSeconds") or DEFAULT_SECONDS
    if caller.is_root:
        seconds = min(seconds, ROOT_SECONDS)
    return Holder(kind, caller.account, caller.partition, owner, caller.user_id, name, seconds, carried)
