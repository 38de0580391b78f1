"""Which operation of STS is meant, and who may call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal, access_denied
from app.local.aws.session import Kind
from app.local.aws.sts.assume_role import assume_role
from app.local.aws.sts.people import (
    get_access_key_info,
    get_caller_identity,
    get_federation_token,
    get_session_token,
)
from app.local.aws.sts.saml import assume_role_with_saml
from app.local.aws.sts.web_identity import assume_role_with_web_identity

UNSIGNED = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
OPERATIONS: Mapping[str, Callable[[Visit], dict[str, Any]]] = {
    "AssumeRole": assume_role,
    "AssumeRoleWithSAML": assume_role_with_saml,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetFederationToken": get_federation_token,
    "GetSessionToken": get_session_token,
}
_FOR_USER_SESSIONS = frozenset({"AssumeRole", "GetCallerIdentity", "GetFederationToken", "GetSessionToken"})


def answer(visit: Visit) -> dict[str, Any]:
    """Raises `Refusal`. The parameters already fit the model."""
    _region_enabled(visit)
    if visit.action not in OPERATIONS:
        raise Refusal("InvalidAction", f"The operation {visit.action} is not offered by this local AWS.")
    _callable_by(visit)
    return OPERATIONS[visit.action](visit)


def _region_enabled(visit: Visit) -> None:
    off = visit.desk.knobs.disabled_regions
    if visit.region in off or "*" in off:
        role = arns.parse(visit.text("RoleArn"), "role")
        account = role.account if role else visit.caller.account if visit.caller else "unknown"
        raise Refusal(
            "RegionDisabledException",
            f"STS is not activated in this region for account:{account}. Your account administrator can activate "
            "STS in this region using the IAM Console.",
            403,
        )


def _callable_by(visit: Visit) -> None:
    """Federated users may only ask who they are; GetSessionToken sessions may also assume roles."""
    session = visit.caller.session if visit.caller else None
    if session is None or visit.action in UNSIGNED:
        return
    if session.kind is Kind.USER and visit.action not in _FOR_USER_SESSIONS:
        raise access_denied(f"Cannot call {visit.action} with session credentials")
    if session.kind is Kind.FEDERATED and visit.action == "GetAccessKeyInfo":
        raise access_denied(f"Cannot call {visit.action} with federated user credentials")
