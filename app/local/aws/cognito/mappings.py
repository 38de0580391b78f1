"""`RoleMappings`: read from a request, checked, and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.local.aws import arns
from app.local.aws.cognito.refusals import invalid_parameter
from app.local.aws.cognito.things import IdentityPool, RoleMapping, RoleRule
from app.local.aws.desk import Visit

MOST_RULES = 25  # for each provider (API Reference, SetIdentityPoolRoles)


def read_mappings(visit: Visit, pool: IdentityPool) -> dict[str, RoleMapping]:
    """By the provider's host, as it stands in `Logins`. Raises InvalidParameterException."""
    hosts = {provider_host(arn) for arn in pool.oidc_providers}
    found = {}
    for provider, raw in visit.parameters.get("RoleMappings", {}).items():
        if provider not in hosts:
            raise invalid_parameter(f"{provider} is not an identity provider of this pool.")
        found[provider] = _mapping(raw)
    return found


def provider_host(provider_arn: str) -> str:
    """`id.example.test[/path]`: the name of an IAM OIDC provider in `Logins`."""
    return arns.required(provider_arn, "oidc-provider").rest


def as_json(mapping: RoleMapping) -> dict[str, Any]:
    shown: dict[str, Any] = {"Type": mapping.kind, "AmbiguousRoleResolution": mapping.otherwise}
    rules = [
        {"Claim": rule.claim, "MatchType": rule.match, "Value": rule.value, "RoleARN": rule.role_arn}
        for rule in mapping.rules
    ]
    return shown | ({"RulesConfiguration": {"Rules": rules}} if rules else {})


def _mapping(raw: Mapping[str, Any]) -> RoleMapping:
    kind = raw["Type"]
    rules = tuple(
        RoleRule(rule["Claim"], rule["MatchType"], rule["Value"], rule["RoleARN"])
        for rule in raw.get("RulesConfiguration", {}).get("Rules", [])
    )
    if "AmbiguousRoleResolution" not in raw:
        raise invalid_parameter("AmbiguousRoleResolution is required for role mappings of type Token or Rules.")
    if (kind == "Rules") != bool(rules):
        raise invalid_parameter("RulesConfiguration is required for, and only for, role mappings of type Rules.")
    if len(rules) > MOST_RULES:
        raise invalid_parameter(f"No more than {MOST_RULES} rules can be set for an identity provider.")
    return RoleMapping(kind, raw["AmbiguousRoleResolution"], rules)
