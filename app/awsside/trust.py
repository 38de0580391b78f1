"""Trust policies: who may take a role, by which call, and what the request must carry.

Why each part is there:

* `sts:TagSession` only where the gateway gives tags, `sts:SetSourceIdentity` only where the gateway sets one: AWS
  refuses the whole call without them, and what is not needed is not given.
* `sts:SourceIdentity` `*`: nobody gets in without one, so CloudTrail can always say which person it was.
* `saml:aud`: the recipient of the assertion. One that was written for another service does not fit.
* `ISSUER:aud`: the audience of the token; without it any token of that issuer would do.
* `sts:RoleAuthorizedByIdp`: the token itself names the role, so one that leaked is good for no other.
* `sts:ExternalId`: so that nobody makes the gateway take this role for somebody else (the confused deputy).
* `aws:MultiFactorAuthPresent`: the gateway's key alone is not enough. Absent in SAML and OIDC federation, so it is
  asked for in signed calls only (IAM User Guide, "AWS global condition context keys").
"""

from __future__ import annotations

from app.awsside.documents import Document, Gateway, NotDescribed, allow, policy
from app.awsside.services import TOKEN_AUDIENCE, cognito_host, saml_recipients
from app.core.roles import Account, Assertion, Method, ProviderArn, Role, RoleArn, Zone
from app.core.sign_in_tags import is_tagged

_WITH_A_NAME: Document = {"StringLike": {"sts:SourceIdentity": "*"}}


def trust_policy(role: Role, account: Account, gateway: Gateway) -> Document:
    """Raises NotDescribed if something is missing that only an operator knows."""
    match role.method:
        case Method.SAML:
            return _saml(role, account)
        case Method.WEB_IDENTITY:
            return _web_identity(role, gateway)
        case Method.ASSUME_ROLE:
            return _assume_role(role, account, gateway)
        case Method.COGNITO:
            return _cognito(role)
        case Method.FEDERATION_TOKEN | Method.SESSION_TOKEN:
            raise NotDescribed(f"{role.arn} is a user, which trusts nobody: its key is what lets the gateway in")


def base_trust(base: RoleArn, provider: ProviderArn | None, gateway: Gateway) -> Document:
    """For a role with which the gateway signs its own calls. It carries no person's name, so none is asked for."""
    if provider is None:
        principal = {"AWS": _principal(base, gateway)}
        return policy(allow("TheGatewayItself", ["sts:AssumeRole"], Principal=principal))
    issuer = _issuer(provider, gateway)
    return policy(
        allow(
            "TheGatewayItself",
            ["sts:AssumeRoleWithWebIdentity"],
            Principal={"Federated": provider},
            Condition={
                "StringEquals": {f"{issuer}:aud": TOKEN_AUDIENCE},
                "Bool": {"sts:RoleAuthorizedByIdp": "true"},
            },
        )
    )


def signer(account: Account, gateway: Gateway) -> RoleArn | None:
    """Who signs the gateway's own calls for this account, if that is known."""
    return account.base.role or gateway.principal


def _saml(role: Role, account: Account) -> Document:
    regions = tuple(dict.fromkeys(region for region in (role.region, account.fallback_region) if region))
    condition: Document = {"StringEquals": {"saml:aud": list(saml_recipients(role.arn.aws_partition, regions))}}
    return _federated(role, "sts:AssumeRoleWithSAML", condition)


def _web_identity(role: Role, gateway: Gateway) -> Document:
    provider = _provider(role)
    if role.assertion is Assertion.MINTED:
        condition: Document = {
            "StringEquals": {f"{_issuer(provider, gateway)}:aud": TOKEN_AUDIENCE},
            "Bool": {"sts:RoleAuthorizedByIdp": "true"},
        }
        return _federated(role, "sts:AssumeRoleWithWebIdentity", condition)
    issuer = provider.partition("/")[2]
    return _federated(
        role,
        "sts:AssumeRoleWithWebIdentity",
        {"StringEquals": {f"{issuer}:aud": company_client(provider, gateway)}},
    )


def _federated(role: Role, action: str, condition: Document) -> Document:
    """The company's own statement carries no name of ours; the gateway's always carries one."""
    minted = role.assertion is Assertion.MINTED
    sid = "PeopleWhomTheGatewayVouchesFor" if minted else "PeopleWhomTheCompanyVouchesFor"
    return policy(
        allow(
            sid,
            [action, *_tagging(role), *(["sts:SetSourceIdentity"] if minted else [])],
            Principal={"Federated": _provider(role)},
            Condition={**condition, **(_WITH_A_NAME if minted else {})},
        )
    )


def _assume_role(role: Role, account: Account, gateway: Gateway) -> Document:
    condition = dict(_WITH_A_NAME)
    external_ids = list(gateway.external_ids.get(account.id, ()))
    if account.zone is Zone.THIRD_PARTY and not external_ids:
        raise NotDescribed(f"{role.arn}: the external id of the account {account.id} is not known (--external-id)")
    if external_ids:
        condition["StringEquals"] = {"sts:ExternalId": external_ids[0] if len(external_ids) == 1 else external_ids}
    if role.mfa_serial:
        condition["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return policy(
        allow(
            "TheGatewayInTheNameOfAPerson",
            ["sts:AssumeRole", *_tagging(role), "sts:SetSourceIdentity"],
            Principal={"AWS": account.base.role or _principal(role.arn, gateway)},
            Condition=condition,
        )
    )


def _cognito(role: Role) -> Document:
    host = cognito_host(role.arn.aws_partition, role.identity_pool.partition(":")[0])
    return policy(
        allow(
            "PeopleOfTheIdentityPool",
            ["sts:AssumeRoleWithWebIdentity", *_tagging(role)],
            Principal={"Federated": host},
            Condition={
                "StringEquals": {f"{host}:aud": role.identity_pool},
                "ForAnyValue:StringLike": {f"{host}:amr": "authenticated"},
            },
        )
    )


def company_client(provider: ProviderArn, gateway: Gateway) -> str:
    """The gateway's client id at the company's issuer: what its ID tokens have as audience."""
    issuer = provider.partition("/")[2]
    for url, client_id in gateway.clients.items():
        if url.removeprefix("https://") == issuer:
            return client_id
    raise NotDescribed(f"{provider}: no [[provider]] of gateway.toml has the issuer https://{issuer}")


def _tagging(role: Role) -> list[str]:
    return ["sts:TagSession"] if is_tagged(role) else []


def _provider(role: Role) -> ProviderArn:
    if role.provider_arn is None:
        raise NotDescribed(f"{role.arn}: has no provider_arn")
    return role.provider_arn


def _issuer(provider: ProviderArn, gateway: Gateway) -> str:
    """IAM names an OIDC provider after its URL: with another name AWS would never find it for our tokens."""
    named, ours = provider.partition("/")[2], gateway.issuer_url.removeprefix("https://")
    if named != ours:
        raise NotDescribed(f"{provider}: gateway.toml has the issuer_url {gateway.issuer_url}, this names {named}")
    return named


def _principal(arn: RoleArn, gateway: Gateway) -> RoleArn:
    if gateway.principal is None:
        raise NotDescribed(
            f"{arn}: who signs the gateway's own calls is not known (aws_principal of gateway.toml, or --principal ARN)"
        )
    return gateway.principal
