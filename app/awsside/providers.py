"""IAM's providers: by which name and which keys AWS knows those whose statements it believes."""

from __future__ import annotations

from collections.abc import Sequence

from app.awsside.documents import Gateway, OidcProvider, SamlProvider
from app.awsside.services import TOKEN_AUDIENCE
from app.awsside.trust import company_client
from app.core.roles import Account, Assertion, Method, ProviderArn, Role


def saml_providers(roles: Sequence[Role], gateway: Gateway) -> tuple[SamlProvider, ...]:
    """The gateway's own. The company's has the company's metadata, which the company has."""
    minted = [role for role in roles if role.assertion is Assertion.MINTED]
    return tuple(SamlProvider(arn, gateway.saml_metadata) for arn in _named(minted, Method.SAML))


def oidc_providers(roles: Sequence[Role], account: Account, gateway: Gateway) -> tuple[OidcProvider, ...]:
    """One for each issuer: an IAM provider takes the tokens of every client id that it lists."""
    ours = _named([role for role in roles if role.assertion is Assertion.MINTED], Method.WEB_IDENTITY)
    if account.base.provider_arn is not None and roles:
        ours.append(account.base.provider_arn)
    if any(role.method is Method.COGNITO and not role.pool_login for role in roles):
        ours.append(_own(account, gateway))  # the identity pool believes the gateway's tokens through it
    audiences: dict[ProviderArn, tuple[str, ...]] = dict.fromkeys(ours, (TOKEN_AUDIENCE,))
    passed = [role for role in roles if role.assertion is Assertion.PASSTHROUGH]
    for arn in _named(passed, Method.WEB_IDENTITY):
        audiences[arn] = (*audiences.get(arn, ()), company_client(arn, gateway))
    return tuple(OidcProvider(arn, clients) for arn, clients in sorted(audiences.items()))


def _own(account: Account, gateway: Gateway) -> ProviderArn:
    issuer = gateway.issuer_url.partition("://")[2]
    return ProviderArn(f"arn:{account.partition}:iam::{account.id}:oidc-provider/{issuer}")


def _named(roles: Sequence[Role], method: Method) -> list[ProviderArn]:
    return sorted({role.provider_arn for role in roles if role.method is method and role.provider_arn is not None})
