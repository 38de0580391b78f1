"""Which operation of Cognito is meant. Three of them nobody signs: the tokens in `Logins` are all there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.local.aws.cognito import credentials, developers, identities, pools
from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal

UNSIGNED = frozenset({"GetId", "GetCredentialsForIdentity", "GetOpenIdToken"})
OPERATIONS: Mapping[str, Callable[[Visit], dict[str, Any]]] = {
    "CreateIdentityPool": pools.create_identity_pool,
    "DescribeIdentityPool": pools.describe_identity_pool,
    "DeleteIdentityPool": pools.delete_identity_pool,
    "SetIdentityPoolRoles": pools.set_identity_pool_roles,
    "GetIdentityPoolRoles": pools.get_identity_pool_roles,
    "GetId": identities.get_id,
    "GetCredentialsForIdentity": credentials.get_credentials_for_identity,
    "GetOpenIdToken": identities.get_open_id_token,
    "GetOpenIdTokenForDeveloperIdentity": developers.get_open_id_token_for_developer_identity,
}


def answer(visit: Visit) -> dict[str, Any]:
    """Raises `Refusal`. The parameters already fit the model."""
    if visit.action not in OPERATIONS:
        raise Refusal("InvalidAction", f"The operation {visit.action} is not offered by this local AWS.")
    return OPERATIONS[visit.action](visit)
