"""May this principal take this role? The trust policy, and for AssumeRole the caller's own policies."""

from __future__ import annotations

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.policy.evaluation import Ask, Verdict, trusts
from app.local.aws.policy.permissions import provider_is, who_is
from app.local.aws.policy.shared_issuers import SHARED_ISSUERS
from app.local.aws.refusals import access_denied, invalid, not_authorized
from app.local.aws.signing.caller import Context, principal_context
from app.local.aws.sts.carried import Carried
from app.local.aws.things import Role


def find_role(visit: Visit, role_arn: str) -> Role | None:
    """By the exact ARN: IAM keeps names apart without case, and still compares ARNs with it.

    ARN, account and endpoint are of one partition, or the ARN is no good here.
    """
    arn = arns.required(role_arn, "role")
    account = visit.desk.world.accounts.get(arn.account)
    partitions = {arn.partition, arns.partition_of(visit.region)} | ({account.partition} if account else set())
    if len(partitions) > 1:
        raise invalid(f"{role_arn} is invalid")
    return visit.desk.world.roles.get(role_arn)


def role_context(visit: Visit, role: Role, carried: Carried, session_name: str) -> Context:
    context = visit.surroundings() | carried.context() | {"sts:rolesessionname": (session_name,)}
    return context | {f"aws:resourcetag/{key.lower()}": (value,) for key, value in role.tags.items()}


def require_trusted_caller(visit: Visit, role: Role | None, carried: Carried, more: Context) -> Role:
    """AssumeRole; `more` holds the external id and the one-time code.

    One text for "no such role", "not trusted" and "not permitted" (Troubleshoot IAM roles).
    """
    caller, role_arn = visit.signer, visit.text("RoleArn")
    if role is None:
        raise not_authorized(caller.arn, "sts:AssumeRole", role_arn)
    context = role_context(visit, role, carried, visit.text("RoleSessionName"))
    context |= principal_context(caller, visit.desk.world) | more
    for action in carried.needs("sts:AssumeRole"):
        if not _allowed(visit, role, Ask(action, role_arn, context)):
            raise not_authorized(caller.arn, action, role_arn)
    return role


def _allowed(visit: Visit, role: Role, ask: Ask) -> bool:
    """Trust must allow; the caller's account must too, unless the trust names the caller and it is one account."""
    caller, world = visit.signer, visit.desk.world
    who = who_is(caller, world)
    if trusts(role.trust, who, ask, directly=False) is not Verdict.ALLOW:
        return False
    own = visit.desk.permissions().verdict(caller, ask)
    named = trusts(role.trust, who, ask, directly=True) is Verdict.ALLOW
    limited = caller.session is not None and caller.session.limited
    if named and caller.account == role.account and not limited:
        return own is not Verdict.DENY
    return own is Verdict.ALLOW


def require_trusted_provider(
    visit: Visit, role: Role | None, provider_arn: str, carried: Carried, context: Context
) -> Role:
    """The two unsigned calls; `provider_arn` is a host where the issuer is AWS's own.

    A refusal names the call and never which of its needs was not met.
    """
    refusal = access_denied(f"Not authorized to perform sts:{visit.action}")
    provider = arns.parse(provider_arn)
    ours = (
        provider_arn in SHARED_ISSUERS or provider is not None and role is not None and provider.account == role.account
    )
    if role is None or not ours:
        raise refusal
    if role.name.startswith("AWSReservedSSO_"):
        raise refusal  # Identity Center keeps its roles to itself (STS API, AssumeRoleWithSAML)
    for action in carried.needs(f"sts:{visit.action}"):
        ask = Ask(action, role.arn, context | {"aws:federatedprovider": (provider_arn,)})
        if trusts(role.trust, provider_is(provider_arn), ask, directly=False) is not Verdict.ALLOW:
            raise refusal
    return role
