"""What the gateway's own user or role may do: exactly the roles of the catalog, each for exactly what it needs.

Never `*`: the key of somebody who may assume everything that trusts its account is the key to all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.awsside.documents import Document, Gateway, allow, policy
from app.awsside.trust import signer
from app.core.decisions import CatalogView
from app.core.roles import Account, Method, Role, RoleArn, UserArn
from app.core.sign_in_tags import is_tagged

_BOTH = ("sts:AssumeRole", "sts:SetSourceIdentity")


def principals(catalog: CatalogView, gateway: Gateway) -> list[RoleArn]:
    """Every user and role that acts for the gateway, in a stable order."""
    found = {account.base.role for account in catalog.accounts.values()} | {gateway.principal}
    found |= {role.arn for role in catalog.roles.values() if isinstance(role.arn, UserArn)}
    return sorted(arn for arn in found if arn is not None)


def permissions(principal: RoleArn, catalog: CatalogView, roles: Sequence[Role], gateway: Gateway) -> Document | None:
    """For `roles` only. None if the principal needs nothing for them."""

    def signs(role: Role) -> bool:
        return signer(_account(role, catalog), gateway) == principal

    signing = [
        *_assuming([role for role in roles if role.method is Method.ASSUME_ROLE and signs(role)]),
        *_becoming(principal, catalog, roles, gateway),
        *_federating([role for role in roles if role.method is Method.FEDERATION_TOKEN and role.arn == principal]),
        *_pooling([role for role in roles if role.method is Method.COGNITO and role.pool_login and signs(role)]),
        *_reading(principal, roles, gateway),
    ]
    lent = [role for role in roles if role.method is Method.SESSION_TOKEN and role.arn == principal]
    statements = signing or _guarding(lent)
    return policy(*statements) if statements else None


def _assuming(roles: Sequence[Role]) -> list[Document]:
    tagged = [role for role in roles if is_tagged(role)]
    if tagged == roles:
        return [allow("RolesOfTheCatalog", [_BOTH[0], "sts:TagSession", _BOTH[1]], Resource=_arns(roles))] * bool(roles)
    found = [allow("RolesOfTheCatalog", _BOTH, Resource=_arns(roles))]
    return found + [allow("TagsForSomeOfThem", ["sts:TagSession"], Resource=_arns(tagged))] * bool(tagged)


def _becoming(principal: RoleArn, catalog: CatalogView, roles: Sequence[Role], gateway: Gateway) -> list[Document]:
    """The base roles that the standard chain's credentials assume first."""
    bases = {_account(role, catalog).base for role in roles}
    mine = sorted({base.role for base in bases if base.role is not None and base.provider_arn is None})
    if principal != gateway.principal or not mine:
        return []
    return [allow("ItsOwnRolesInOtherAccounts", ["sts:AssumeRole"], Resource=_one_or_many(mine))]


def _federating(roles: Sequence[Role]) -> list[Document]:
    """The resource is the session that is made, whose name is the person's (IAM User Guide, "Granting permissions to
    create temporary security credentials")."""
    return [
        allow(
            "SessionsForPeople",
            ["sts:GetFederationToken", *(["sts:TagSession"] if is_tagged(role) else [])],
            Resource=f"arn:{role.arn.aws_partition}:sts::{role.arn.account}:federated-user/*",
        )
        for role in roles
    ]


def _pooling(roles: Sequence[Role]) -> list[Document]:
    pools = sorted(
        {
            f"arn:{role.arn.aws_partition}:cognito-identity:{role.identity_pool.partition(':')[0]}:{role.arn.account}"
            f":identitypool/{role.identity_pool}"
            for role in roles
        }
    )
    action = "cognito-identity:GetOpenIdTokenForDeveloperIdentity"
    return [allow("PeopleOfTheIdentityPools", [action], Resource=_one_or_many(pools))] if pools else []


def _guarding(roles: Sequence[Role]) -> list[Document]:
    """GetSessionToken needs no permission. The long-term key itself is made worthless instead: without the second
    factor it may do nothing but ask for a session. Not for a user that signs other calls too, which have no factor."""
    deny: Document = {
        "Sid": "NothingWithoutTheSecondFactor",
        "Effect": "Deny",
        "NotAction": "sts:GetSessionToken",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    return [deny] if any(role.mfa_serial for role in roles) else []


def _reading(principal: RoleArn, roles: Sequence[Role], gateway: Gateway) -> list[Document]:
    """IAM answers about the roles of the caller's own account only."""
    own = [r for r in roles if r.arn.account == principal.account and not isinstance(r.arn, UserArn)]
    if own and gateway.examines_roles:
        return _examining(own)
    if not gateway.reads_roles or not own:
        return []
    return [allow("HowLongTheirSessionsMayBe", ["iam:GetRole"], Resource=_arns(own))]


def _examining(own: Sequence[Role]) -> list[Document]:
    """Whom the roles trust and what they may do, for the trust doctor. The account's managed policies, and AWS's."""
    of_roles = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    policies = sorted(
        {f"arn:{r.arn.aws_partition}:iam::{owner}:policy/*" for r in own for owner in (r.arn.account, "aws")}
    )
    return [
        allow("WhomTheyTrustAndWhatTheyMayDo", of_roles, Resource=_arns(own)),
        allow("WhatTheirPoliciesSay", ["iam:GetPolicy", "iam:GetPolicyVersion"], Resource=policies),
    ]


def _account(role: Role, catalog: CatalogView) -> Account:
    return catalog.accounts[role.arn.account]


def _arns(roles: Iterable[Role]) -> object:
    return _one_or_many(sorted(role.arn for role in roles))


def _one_or_many(arns: Sequence[str]) -> object:
    return arns[0] if len(arns) == 1 else list(arns)


LIMITS = {"user": 2_048, "role": 10_240}  # characters of all inline policies together, blanks not counted (IAM quotas)


def kind_of(principal: RoleArn) -> str:
    return "user" if isinstance(principal, UserArn) else "role"
