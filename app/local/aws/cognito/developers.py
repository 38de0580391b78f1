"""GetOpenIdTokenForDeveloperIdentity: a backend that we trust says who somebody is (a signed call)."""

from __future__ import annotations

from typing import Any

from app.local.aws.cognito import tokens
from app.local.aws.cognito.identities import identity_with, required_identity
from app.local.aws.cognito.logins import read_logins, vouchers
from app.local.aws.cognito.pools import permit, required_pool
from app.local.aws.cognito.refusals import invalid_parameter, not_found
from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal
from app.local.aws.sts.carried import check_tags

DEFAULT_SECONDS = 900


def get_open_id_token_for_developer_identity(visit: Visit) -> dict[str, Any]:
    """The token stands for `DeveloperProviderName` and the identifier that came with it."""
    signer, pool_id = visit.signer, visit.text("IdentityPoolId")
    permit(visit, f"arn:{signer.partition}:cognito-identity:{visit.region}:{signer.account}:identitypool/{pool_id}")
    pool = required_pool(visit, pool_id)
    if pool.account != signer.account:
        raise not_found("IdentityPool", pool_id)
    tags = dict(visit.parameters.get("PrincipalTags", {}))
    check_tags(list(tags.items()))
    identity, providers = _identity(visit, pool)
    seconds = visit.number("TokenDuration") or DEFAULT_SECONDS
    token = tokens.signed(visit.desk.world, pool, identity, providers, visit.now, seconds, tags)
    return {"IdentityId": identity.id, "Token": token}


def _identity(visit: Visit, pool: IdentityPool) -> tuple[Identity, tuple[str, ...]]:
    logins = dict(visit.parameters["Logins"])
    user = logins.pop(pool.developer_provider, "") if pool.developer_provider else ""
    if not user:
        raise invalid_parameter("Please provide a valid developer provider name and user identifier in Logins.")
    others = read_logins(visit, pool, logins) if logins else ()
    named = required_identity(visit, visit.text("IdentityId"))[0] if visit.text("IdentityId") else None
    if named is not None and named.pool != pool.id:
        raise not_found("Identity", named.id)
    _not_somebody_elses(visit, pool, user, named)
    subjects = {pool.developer_provider: user} | {login.provider: login.subject for login in others if not login.own}
    return identity_with(visit, pool, subjects, named), (pool.developer_provider, *vouchers(others))


def _not_somebody_elses(visit: Visit, pool: IdentityPool, user: str, named: Identity | None) -> None:
    """An identifier belongs to one identity: naming another with it would let two people share one."""
    for found in visit.desk.world.identities.values():
        taken = found.pool == pool.id and found.logins.get(pool.developer_provider) == user
        if named is not None and taken and found.id != named.id:
            text = "The developer user identifier is registered with another identity."
            raise Refusal("DeveloperUserAlreadyRegisteredException", text)
