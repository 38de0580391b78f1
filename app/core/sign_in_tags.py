"""How somebody signed in, as session tags: what a role asked for is told to AWS, where policies can ask for it too.

`aws:MultiFactorAuthPresent` knows nothing of a company's own second factor (IAM User Guide, "AWS global condition
context keys": it is absent for SAML and OIDC federation); `aws:PrincipalTag/fedgate-mfa` does.

Only where the gateway itself says the tags. A statement that is passed through says what the company's provider put
there, and GetSessionToken and a pool without `pool_login` take none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.core.credentials import as_zulu
from app.core.identity import Identity
from app.core.roles import Assertion, Method, Role

MFA, AUTH_TIME = "fedgate-mfa", "fedgate-auth-time"


def is_reserved(key: str) -> bool:
    """AWS compares keys without case: an operator's `Fedgate-MFA` would be ours, or stand against it."""
    return key.casefold() in (MFA, AUTH_TIME)


def sign_in_tags(role: Role, identity: Identity) -> Mapping[str, str]:
    """`fedgate-mfa` where the role needs a second factor, `fedgate-auth-time` where it needs a fresh sign-in. They are
    computed where the role has been decided, so nobody without the factor has the tag."""
    said = {MFA: "true"} if identity.mfa else {}
    said[AUTH_TIME] = as_zulu(identity.authenticated_at)
    return {key: said[key] for key in _keys(role) if key in said}


def room_for_them(role: Role) -> Mapping[str, str]:
    """As many characters as the tags will have, for who asks beforehand whether all fits."""
    longest = {MFA: "true", AUTH_TIME: as_zulu(datetime(2000, 1, 1, tzinfo=UTC))}
    return {key: longest[key] for key in _keys(role)}


def is_tagged(role: Role) -> bool:
    """Does a session of it carry tags at all, the operator's or ours?"""
    return bool(role.tags or _keys(role))


def _keys(role: Role) -> tuple[str, ...]:
    if not _takes_ours(role):
        return ()
    return (MFA,) * role.require_mfa + (AUTH_TIME,) * (role.fresh_minutes is not None)


def _takes_ours(role: Role) -> bool:
    match role.method:
        case Method.SAML | Method.WEB_IDENTITY:
            return role.assertion is Assertion.MINTED
        case Method.ASSUME_ROLE | Method.FEDERATION_TOKEN:
            return True
        case Method.COGNITO:
            return bool(role.pool_login)
        case Method.SESSION_TOKEN:
            return False
