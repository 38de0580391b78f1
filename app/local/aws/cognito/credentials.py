"""GetCredentialsForIdentity, the enhanced flow: Cognito takes the role, for an hour, in the identity's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.local.aws.cognito import tokens
from app.local.aws.cognito.choice import role_for
from app.local.aws.cognito.identities import required_identity, required_logins
from app.local.aws.cognito.logins import Login, vouchers
from app.local.aws.cognito.refusals import bad_configuration, invalid_parameter
from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal
from app.local.aws.sts.assume_role import role_holder
from app.local.aws.sts.carried import Carried
from app.local.aws.sts.issue import issue
from app.local.aws.sts.token_claims import carried_by
from app.local.aws.sts.trust import find_role, require_trusted_provider, role_context
from app.local.aws.sts.web_identity import provider_claims

SESSION_NAME = "CognitoIdentityCredentials"
SECONDS = 3_600


def get_credentials_for_identity(visit: Visit) -> dict[str, Any]:
    identity, pool = required_identity(visit, visit.text("IdentityId"))
    logins = required_logins(visit, pool, identity)
    role_arn = role_for(pool, logins, visit.text("CustomRoleArn"))
    taken = _taken(visit, pool, identity, logins, role_arn)["Credentials"]
    return {
        "IdentityId": identity.id,
        "Credentials": {
            "AccessKeyId": taken["AccessKeyId"],
            "SecretKey": taken["SecretAccessKey"],
            "SessionToken": taken["SessionToken"],
            "Expiration": taken["Expiration"],
        },
    }


def _taken(
    visit: Visit, pool: IdentityPool, identity: Identity, logins: tuple[Login, ...], role_arn: str
) -> dict[str, Any]:
    """As AssumeRoleWithWebIdentity would: the trust policy sees the pool, the identity and how it logged in."""
    inner = replace(visit, action="AssumeRoleWithWebIdentity", parameters={}, caller=None, region=pool.region)
    host = tokens.host_of(pool.partition)
    carried = next((carried_by(login.claims) for login in logins if login.own), Carried())
    claims = provider_claims(host, host, pool.id, identity.id)
    claims[f"{host}:amr"] = (tokens.AUTHENTICATED, *vouchers(logins))
    try:
        found = find_role(inner, role_arn)
        context = claims | (role_context(inner, found, carried, SESSION_NAME) if found else inner.surroundings())
        role = require_trusted_provider(inner, found, host, carried, context)
        return issue(inner, role_holder(role, SESSION_NAME, carried, SECONDS, claims))
    except Refusal as refusal:
        if refusal.code in ("AccessDenied", "ValidationError"):
            raise bad_configuration() from None
        raise invalid_parameter(refusal.message) from None
