"""GetId and GetOpenIdToken: who logs in again with the same account is the same identity."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.local.aws.cognito import tokens
from app.local.aws.cognito.logins import Login, read_logins, vouchers
from app.local.aws.cognito.pools import required_pool
from app.local.aws.cognito.refusals import conflict, invalid_parameter, not_authorized, not_found
from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.desk import Visit

TOKEN_SECONDS = 600


def get_id(visit: Visit) -> dict[str, Any]:
    pool = required_pool(visit, visit.text("IdentityPoolId"))
    if visit.text("AccountId") not in ("", pool.account):
        raise not_found("IdentityPool", pool.id)
    logins = read_logins(visit, pool, visit.parameters.get("Logins", {}))
    if own := next((login for login in logins if login.own), None):
        return {"IdentityId": required_identity(visit, own.subject)[0].id}
    return {"IdentityId": identity_with(visit, pool, {login.provider: login.subject for login in logins}).id}


def get_open_id_token(visit: Visit) -> dict[str, Any]:
    """The first half of the classic flow."""
    identity, pool = required_identity(visit, visit.text("IdentityId"))
    if not pool.classic:
        raise invalid_parameter("Basic (classic) flow is not enabled, please use enhanced flow.")
    if pool.mappings:
        raise invalid_parameter("Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.")
    logins = required_logins(visit, pool, identity)
    token = tokens.signed(visit.desk.world, pool, identity, vouchers(logins), visit.now, TOKEN_SECONDS)
    return {"IdentityId": identity.id, "Token": token}


def required_identity(visit: Visit, identity_id: str) -> tuple[Identity, IdentityPool]:
    """Raises ResourceNotFoundException."""
    identity = visit.desk.world.identities.get(identity_id)
    if identity is None or visit.region not in ("", identity.id.partition(":")[0]):
        raise not_found("Identity", identity_id)
    return identity, required_pool(visit, identity.pool)


def required_logins(visit: Visit, pool: IdentityPool, identity: Identity) -> tuple[Login, ...]:
    """At least one must be of this identity; good logins beside it are linked to it from now on."""
    logins = read_logins(visit, pool, visit.parameters.get("Logins", {}))
    if not any(login.is_of(identity) for login in logins):
        at_least = "Please include at least one valid login for this identity or identity pool."
        raise not_authorized(f"Logins don't match. {at_least}")
    identity_with(visit, pool, {login.provider: login.subject for login in logins if not login.own}, identity)
    return logins


def identity_with(
    visit: Visit, pool: IdentityPool, subjects: Mapping[str, str], identity: Identity | None = None
) -> Identity:
    """The identity that has these logins: `identity`, or the one that knows any of them, or a new one.

    Raises ResourceConflictException where that would make two people one.
    """
    world = visit.desk.world
    with world.changing():
        known = [found for found in world.identities.values() if found.pool == pool.id and _shares(found, subjects)]
        candidates = {found.id: found for found in (*known, *([identity] if identity else []))}
        if len(candidates) > 1:
            raise conflict("These logins belong to more than one identity.")
        kept = next(iter(candidates.values()), None) or _new(visit, pool)
        if any(kept.logins.get(provider, subject) != subject for provider, subject in subjects.items()):
            raise conflict("This identity has another login of that provider already.")
        world.identities[kept.id] = replace(kept, logins={**kept.logins, **subjects})
        return world.identities[kept.id]


def _shares(identity: Identity, subjects: Mapping[str, str]) -> bool:
    return any(identity.logins.get(provider) == subject for provider, subject in subjects.items())


def _new(visit: Visit, pool: IdentityPool) -> Identity:
    unique = uuid.UUID(bytes=visit.desk.random_bytes(16), version=4)
    return Identity(f"{pool.region}:{unique}", pool.id, {}, visit.now)
