"""AssumeRoleWithWebIdentity. Nobody signs this call; the session name comes from the request itself."""

from __future__ import annotations

from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.refusals import bad_token, invalid_value
from app.local.aws.signing.caller import Context
from app.local.aws.sts.assume_role import role_holder, role_reply
from app.local.aws.sts.id_token import Token, claimed_issuer, verified
from app.local.aws.sts.issue import issue, role_seconds
from app.local.aws.sts.token_claims import authorized_by_idp, carried_by
from app.local.aws.sts.trust import find_role, require_trusted_provider, role_context
from app.local.aws.things import OidcProvider


def assume_role_with_web_identity(visit: Visit) -> dict[str, Any]:
    role_arn, name = visit.text("RoleArn"), visit.text("RoleSessionName")
    found = find_role(visit, role_arn)
    if "ProviderId" in visit.parameters:
        raise invalid_value("ProviderId is for OAuth 2.0 access tokens and must not be sent with an ID token")
    provider = _provider(visit, role_arn)
    token = _verified(visit, provider)
    carried = carried_by(token.claims)
    authorized = authorized_by_idp(token.claims, role_arn)
    claims = session_claims(provider, token)
    context = claims | {"sts:roleauthorizedbyidp": ("true" if authorized else "false",)}
    context |= _email(provider, token)
    if found is not None:
        context |= role_context(visit, found, carried, name)
    role = require_trusted_provider(visit, found, provider.arn, carried, context)
    holder = role_holder(role, name, carried, role_seconds(visit, role), claims)
    return _reply(token) | role_reply(role, name) | issue(visit, holder)


def _provider(visit: Visit, role_arn: str) -> OidcProvider:
    """The provider must be registered in the account of the role."""
    issuer = claimed_issuer(visit.text("WebIdentityToken"))
    account = arns.required(role_arn, "role").account
    scheme, _, url = issuer.partition("://")
    provider = visit.desk.world.oidc_provider(account, url) if scheme == "https" else None
    if provider is None:
        raise bad_token(f"No OpenIDConnect provider found in your account for {issuer}")
    return provider


def _verified(visit: Visit, provider: OidcProvider) -> Token:
    desk = visit.desk
    return verified(visit.text("WebIdentityToken"), provider, desk.outside, visit.now, desk.knobs.max_token_age_seconds)


def session_claims(provider: OidcProvider, token: Token) -> Context:
    """Condition keys named after the provider's URL; these last as long as the session."""
    url = provider.url.lower()
    context: Context = {
        f"{url}:aud": (token.audience,),
        f"{url}:sub": (token.subject,),
        "aws:federatedprovider": (provider.arn,),
    }
    if token.claims.get("azp"):
        context[f"{url}:oaud"] = token.audiences
    amr = token.claims.get("amr")
    if isinstance(amr, list) and amr and all(isinstance(item, str) for item in amr):
        context[f"{url}:amr"] = tuple(amr)
    return context


def _email(provider: OidcProvider, token: Token) -> Context:
    """In the trust policy only."""
    email = token.claims.get("email")
    return {f"{provider.url.lower()}:email": (email,)} if isinstance(email, str) else {}


def _reply(token: Token) -> dict[str, Any]:
    return {
        "SubjectFromWebIdentityToken": token.subject,
        "Provider": token.issuer,
        "Audience": token.audience,
    }
