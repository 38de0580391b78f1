"""Everything that one account must be told, or what one of its roles needs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from app.awsside.documents import (
    AccountSide,
    Document,
    Gateway,
    NotDescribed,
    PrincipalPolicy,
    TrustedRole,
)
from app.awsside.permissions import LIMITS, kind_of, permissions, principals
from app.awsside.providers import oidc_providers, saml_providers
from app.awsside.trust import base_trust, trust_policy
from app.core.decisions import CatalogView
from app.core.roles import Account, AccountId, Assertion, Method, Role, RoleArn, UserArn

_SHORTEST = 3_600  # seconds: IAM's smallest MaxSessionDuration
_DESCRIPTION = re.compile(r"[^\t\n\r\x20-\x7e\xa1-\xff]")  # IAM API Reference, CreateRole, Description


def describe(catalog: CatalogView, account_id: AccountId, gateway: Gateway, only: RoleArn | None = None) -> AccountSide:
    """With `only`, what this role adds to an account that already has its providers. Raises NotDescribed for an
    account that neither the catalog nor the gateway's principal knows."""
    account = catalog.accounts.get(account_id)
    if account is None:
        if gateway.principal is None or gateway.principal.account != account_id:
            raise NotDescribed(f"there is no [[account]] with id {account_id} in the catalog")
        account = Account(account_id, "the gateway's own", gateway.principal.aws_partition)
    mine = [role for role in catalog.roles.values() if role.arn.account == account_id and only in (None, role.arn)]
    whole = only is None
    made, problems = _described(mine, account, gateway)
    if whole and mine:
        bases, missing = _base(account, gateway)
        problems += missing
    else:
        bases = ()
    described = {found.arn for found in made}
    known = [role for role in mine if role.arn in described or isinstance(role.arn, UserArn)]
    return AccountSide(
        account,
        saml_providers(known, gateway) if whole else (),
        oidc_providers(known, account, gateway) if whole else (),
        tuple(made) + bases,
        tuple(_policies(catalog, account_id, gateway, only)),
        _notes(mine, account_id, catalog, gateway, only),
        tuple(problems),
    )


def _described(roles: Sequence[Role], account: Account, gateway: Gateway) -> tuple[list[TrustedRole], list[str]]:
    made, problems = [], []
    for role in roles:
        if isinstance(role.arn, UserArn):
            continue
        try:
            made.append(_role(role, trust_policy(role, account, gateway)))
        except NotDescribed as missing:
            problems.append(str(missing))
    return made, problems


def description_of(role: Role) -> str:
    """In characters that IAM takes."""
    return _DESCRIPTION.sub("?", f"{role.label} (given out by fedgate)")


def _role(role: Role, trust: Document) -> TrustedRole:
    return TrustedRole(role.arn, description_of(role), max(_SHORTEST, role.max_seconds), trust, _role_notes(role))


def _base(account: Account, gateway: Gateway) -> tuple[tuple[TrustedRole, ...], list[str]]:
    base = account.base
    if base.role is None or base.role.account != account.id:
        return (), []
    try:
        trust = base_trust(base.role, base.provider_arn, gateway)
    except NotDescribed as missing:
        return (), [str(missing)]
    description = "The gateway's own role in this account"
    return (TrustedRole(base.role, description, _SHORTEST, trust, of_the_catalog=False),), []


def _policies(
    catalog: CatalogView, account_id: AccountId, gateway: Gateway, only: RoleArn | None
) -> list[PrincipalPolicy]:
    """Always whole, also for one role: IAM replaces a policy of the same name, and half of it would shut others out."""
    roles = list(catalog.roles.values())
    found = []
    for principal in principals(catalog, gateway):
        if principal.account != account_id or only not in (None, principal):
            continue
        document = permissions(principal, catalog, roles, gateway)
        if document is not None:
            found.append(PrincipalPolicy(principal, "roles-of-the-catalog", document))
    return found


def _notes(
    mine: Sequence[Role], account_id: AccountId, catalog: CatalogView, gateway: Gateway, only: RoleArn | None
) -> tuple[str, ...]:
    notes = []
    if only is not None and any(role.provider_arn for role in mine):
        notes.append("The IAM provider is in the documents of the whole account; make it first.")
    roles = list(catalog.roles.values())
    notes += _notes_of_profiles(mine, catalog, gateway)
    for principal in principals(catalog, gateway):
        concerned = permissions(principal, catalog, mine, gateway) is not None
        if not concerned and principal.account != account_id:
            continue  # hundreds of accounts can each have one, and each is weighed over every role
        document = permissions(principal, catalog, roles, gateway)
        if document is None:
            continue
        elsewhere = only not in (None, principal) or any(role.arn.account != principal.account for role in mine)
        if elsewhere and concerned:
            notes.append(f"What {principal} needs is in the documents of the account {principal.account}.")
        size, most = len(json.dumps(document, separators=(",", ":"))), LIMITS[kind_of(principal)]
        if size > most:
            notes.append(
                f"The policy of {principal} has {size} characters, and IAM takes {most} of inline policies: "
                "make managed policies of its statements instead."
            )
    return tuple(notes)


def _notes_of_profiles(mine: Sequence[Role], catalog: CatalogView, gateway: Gateway) -> list[str]:
    """Only AWS knows whose key a profile holds: it may be another's than the one that these documents let in."""
    found = {catalog.accounts[role.arn.account].base.profile for role in mine if role.method is Method.ASSUME_ROLE}
    return [
        f"The gateway signs here with the AWS profile {profile}. If that is not {gateway.principal}, make these "
        "documents with --principal ARN, the user or role of that profile."
        for profile in sorted(found - {""})
    ]


def _role_notes(role: Role) -> tuple[str, ...]:
    notes = []
    if role.assertion is Assertion.PASSTHROUGH and role.method in (Method.SAML, Method.WEB_IDENTITY):
        notes.append(
            "AWS reads the company's own statement: everybody who can get one may take this role, whatever the catalog "
            "says. Add a condition on something in it that only the right people have (the subject, a tag)."
        )
    if role.assertion is Assertion.PASSTHROUGH and role.method is Method.SAML:
        notes.append(f"Make {role.provider_arn} with the company's own metadata.")
    if role.method is Method.COGNITO and role.pool_login:
        notes.append(f"Make it the role of authenticated identities of the pool {role.identity_pool}.")
    elif role.method is Method.COGNITO:
        notes.append(
            f"Give the pool {role.identity_pool} the gateway's OIDC provider, and for it the rule that the claim role "
            f"equals {role.arn} for this role; if no rule matches, deny."
        )
    return tuple(notes)
