"""Identity pools and the roles behind them, as an operator makes them (signed calls).

Source: Cognito Federated Identities API Reference, CreateIdentityPool, SetIdentityPoolRoles.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from app.local.aws.cognito.mappings import as_json, read_mappings
from app.local.aws.cognito.refusals import invalid_parameter, not_authorized, not_found
from app.local.aws.cognito.things import IdentityPool
from app.local.aws.desk import Visit
from app.local.aws.policy.evaluation import Ask, Verdict
from app.local.aws.signing.caller import principal_context

# What is not offered is refused: a pool that silently let nobody in by these would be a riddle.
_NOT_OFFERED = ("SupportedLoginProviders", "CognitoIdentityProviders", "SamlProviderARNs")


def create_identity_pool(visit: Visit) -> dict[str, Any]:
    permit(visit, "*")
    found = [name for name in _NOT_OFFERED if visit.parameters.get(name)]
    if visit.parameters["AllowUnauthenticatedIdentities"]:
        found.append("AllowUnauthenticatedIdentities")
    if found:
        raise invalid_parameter(f"{', '.join(found)}: not offered by this local AWS.")
    pool = IdentityPool(
        id=f"{visit.region}:{uuid.UUID(bytes=visit.desk.random_bytes(16), version=4)}",
        account=visit.signer.account,
        partition=visit.signer.partition,
        name=visit.text("IdentityPoolName"),
        created=visit.now,
        developer_provider=visit.text("DeveloperProviderName"),
        oidc_providers=tuple(_provider(visit, arn) for arn in visit.parameters.get("OpenIdConnectProviderARNs", [])),
        classic=bool(visit.parameters.get("AllowClassicFlow")),
        tags=dict(visit.parameters.get("IdentityPoolTags", {})),
    )
    visit.desk.world.identity_pools[pool.id] = pool
    return _shown(pool)


def describe_identity_pool(visit: Visit) -> dict[str, Any]:
    return _shown(_own_pool(visit))


def delete_identity_pool(visit: Visit) -> dict[str, Any]:
    pool, world = _own_pool(visit), visit.desk.world
    with world.changing():
        del world.identity_pools[pool.id]
        for identity in [found for found in world.identities.values() if found.pool == pool.id]:
            del world.identities[identity.id]
    return {}


def set_identity_pool_roles(visit: Visit) -> dict[str, Any]:
    """Replaces all of them. The caller must be allowed to pass each role on."""
    pool, roles = _own_pool(visit), dict(visit.parameters["Roles"])
    mappings = read_mappings(visit, pool)
    named = [rule.role_arn for mapping in mappings.values() for rule in mapping.rules]
    for role_arn in dict.fromkeys((*roles.values(), *named)):
        _may_pass(visit, role_arn)
    visit.desk.world.identity_pools[pool.id] = replace(pool, roles=roles, mappings=mappings)
    return {}


def get_identity_pool_roles(visit: Visit) -> dict[str, Any]:
    pool = _own_pool(visit)
    mappings = {provider: as_json(mapping) for provider, mapping in pool.mappings.items()}
    return {"IdentityPoolId": pool.id, "Roles": pool.roles} | ({"RoleMappings": mappings} if mappings else {})


def required_pool(visit: Visit, pool_id: str) -> IdentityPool:
    """A pool lives in one region; elsewhere nobody has heard of it. Raises ResourceNotFoundException."""
    pool = visit.desk.world.identity_pools.get(pool_id)
    if pool is None or visit.region not in ("", pool.region):
        raise not_found("IdentityPool", pool_id)
    return pool


def permit(visit: Visit, resource: str) -> None:
    context = visit.surroundings() | principal_context(visit.signer, visit.desk.world)
    visit.desk.permissions().require(visit.signer, Ask(f"cognito-identity:{visit.action}", resource, context))


def _own_pool(visit: Visit) -> IdentityPool:
    pool_id, signer = visit.text("IdentityPoolId"), visit.signer
    permit(visit, f"arn:{signer.partition}:cognito-identity:{visit.region}:{signer.account}:identitypool/{pool_id}")
    pool = required_pool(visit, pool_id)
    if pool.account != signer.account:
        raise not_found("IdentityPool", pool_id)
    return pool


def _provider(visit: Visit, provider_arn: str) -> str:
    provider = visit.desk.world.oidc_providers.get(provider_arn)
    if provider is None or provider.account != visit.signer.account:
        raise invalid_parameter(f"{provider_arn} is not an OpenID Connect provider of this account.")
    return provider_arn


def _may_pass(visit: Visit, role_arn: str) -> None:
    role = visit.desk.world.roles.get(role_arn)
    context = visit.surroundings() | principal_context(visit.signer, visit.desk.world)
    ask = Ask("iam:PassRole", role_arn, context | {"iam:passedtoservice": ("cognito-identity.amazonaws.com",)})
    allowed = visit.desk.permissions().verdict(visit.signer, ask) is Verdict.ALLOW
    if role is None or role.account != visit.signer.account or not allowed:
        raise not_authorized(f"Access to Role '{role_arn}' is forbidden.")


def _shown(pool: IdentityPool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "IdentityPoolId": pool.id,
        "IdentityPoolName": pool.name,
        "AllowUnauthenticatedIdentities": False,
        "AllowClassicFlow": pool.classic,
        "OpenIdConnectProviderARNs": list(pool.oidc_providers),
        "IdentityPoolTags": pool.tags,
    }
    return shown | ({"DeveloperProviderName": pool.developer_provider} if pool.developer_provider else {})
