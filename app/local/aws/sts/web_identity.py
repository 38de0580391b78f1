"""AssumeRoleWithWebIdentity. Nobody signs this call; the session name comes from the request itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.local.aws import arns
from app.local.aws.cognito import tokens as cognito
from app.local.aws.desk import Visit
from app.local.aws.refusals import access_denied, bad_token, invalid_value
from app.local.aws.signing.caller import Context
from app.local.aws.sts.assume_role import role_holder, role_reply
from app.local.aws.sts.id_token import Token, claimed_issuer, verified
from app.local.aws.sts.issue import issue, role_seconds
from app.local.aws.sts.token_claims import authorized_by_idp, carried_by
from app.local.aws.sts.trust import find_role, require_trusted_provider, role_context


@dataclass(frozen=True, slots=True)
class Believed:
    """A verified token and its provider: `name` is what trust policies call it, `url` what its keys begin with."""

    name: str
    url: str
    token: Token


def assume_role_with_web_identity(visit: Visit) -> dict[str, Any]:
    role_arn, name = visit.text("RoleArn"), visit.text("RoleSessionName")
    found = find_role(visit, role_arn)
    if "ProviderId" in visit.parameters:
        raise invalid_value("ProviderId is for OAuth 2.0 access tokens and must not be sent with an ID token")
    believed = _believed(visit, role_arn)
    token = believed.token
    carried = carried_by(token.claims)
    authorized = authorized_by_idp(token.claims, role_arn)
    claims = session_claims(believed)
    context = claims | {"sts:roleauthorizedbyidp": ("true" if authorized else "false",)}
    context |= _email(believed)
    if found is not None:
        context |= role_context(visit, found, carried, name)
    role = require_trusted_provider(visit, found, believed.name, carried, context)
    holder = role_holder(role, name, carried, role_seconds(visit, role), claims)
    return _reply(token) | role_reply(role, name) | issue(visit, holder)


def _believed(visit: Visit, role_arn: str) -> Believed:
    issuer = claimed_issuer(visit.text("WebIdentityToken"))
    return _by_cognito(visit) if issuer in cognito.ISSUERS else _by_provider(visit, role_arn, issuer)


def _by_provider(visit: Visit, role_arn: str, issuer: str) -> Believed:
    """The provider must be registered in the account of the role."""
    account, desk = arns.required(role_arn, "role").account, visit.desk
    scheme, _, url = issuer.partition("://")
    provider = desk.world.oidc_provider(account, url) if scheme == "https" else None
    if provider is None:
        raise bad_token(f"No OpenIDConnect provider found in your account for {issuer}")
    text, oldest = visit.text("WebIdentityToken"), desk.knobs.max_token_age_seconds
    return Believed(provider.arn, provider.url.lower(), verified(text, provider, desk.outside, visit.now, oldest))


def _by_cognito(visit: Visit) -> Believed:
    """The second half of the classic flow, for pools that allow it and leave the choice of the role to the client."""
    token = cognito.verified(visit.desk.world, visit.text("WebIdentityToken"), visit.now)
    pool = visit.desk.world.identity_pools.get(token.audience)
    if pool is None or not pool.classic or pool.mappings:
        raise access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
    host = token.issuer.removeprefix("https://")
    return Believed(host, host, token)


def provider_claims(name: str, url: str, audience: str, subject: str) -> Context:
    """Condition keys named after the provider's URL; these last as long as the session."""
    return {f"{url}:aud": (audience,), f"{url}:sub": (subject,), "aws:federatedprovider": (name,)}


def session_claims(believed: Believed) -> Context:
    token, url = believed.token, believed.url
    context = provider_claims(believed.name, url, token.audience, token.subject)
    if token.claims.get("azp"):
        context[f"{url}:oaud"] = token.audiences
    amr = token.claims.get("amr")
    if isinstance(amr, list) and amr and all(isinstance(item, str) for item in amr):
        context[f"{url}:amr"] = tuple(amr)
    return context


def _email(believed: Believed) -> Context:
    """In the trust policy only."""
    email = believed.token.claims.get("email")
    return {f"{believed.url}:email": (email,)} if isinstance(email, str) else {}


def _reply(token: Token) -> dict[str, Any]:
    return {
        "SubjectFromWebIdentityToken": token.subject,
        "Provider": token.issuer,
        "Audience": token.audience,
    }
