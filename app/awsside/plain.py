"""Plain JSON: the documents as IAM's own calls take them, under the names of those calls' parameters."""

from __future__ import annotations

import json

from app.awsside.documents import AccountSide, path_of
from app.awsside.permissions import kind_of


def as_json(side: AccountSide) -> str:
    return json.dumps(_plain(side), indent=2, ensure_ascii=False) + "\n"


def _plain(side: AccountSide) -> dict[str, object]:
    return {
        "Account": side.account.id,
        "SamlProviders": [
            {"Arn": provider.arn, "Name": provider.name, "SAMLMetadataDocument": provider.metadata}
            for provider in side.saml
        ],
        "OpenIDConnectProviders": [
            {"Arn": provider.arn, "Url": provider.url, "ClientIDList": list(provider.client_ids)}
            for provider in side.oidc
        ],
        "Roles": [
            {
                "Arn": role.arn,
                "RoleName": role.arn.name,
                "Path": path_of(role.arn),
                "Description": role.description,
                "MaxSessionDuration": role.max_seconds,
                "AssumeRolePolicyDocument": role.trust,
                "Notes": list(role.notes),
            }
            for role in side.roles
        ],
        "Policies": [
            {
                f"{kind_of(policy.principal).capitalize()}Name": policy.principal.name,
                "PolicyName": policy.name,
                "PolicyDocument": policy.document,
            }
            for policy in side.policies
        ],
        "Notes": list(side.notes),
    }
