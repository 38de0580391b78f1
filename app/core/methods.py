"""Which of a role's settings fit together: what AWS would refuse, ignore or not enforce is refused beforehand.

Sources: STS API Reference (the parameters of each call), Cognito Developer Guide ("Identity pools authentication
flow"), IAM User Guide ("Compare AWS STS credentials").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.roles import Account, Assertion, Method, Role, UserArn, Zone, region_partition

Problem = tuple[str, str]  # the key, and what was expected

ACCEPTED = "AWS does not enforce this mapping"  # the operator's words, exactly
_ASSERTED = (Method.SAML, Method.WEB_IDENTITY)
_OF_USERS = (Method.FEDERATION_TOKEN, Method.SESSION_TOKEN)
_POOL = re.compile(
    r"(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_SERIAL = re.compile(r"[A-Za-z0-9_+=/:,.@-]{9,256}")  # STS, SerialNumber
_POOL_LOGIN = re.compile(r"[\w._-]{1,128}", re.ASCII)  # Cognito, DeveloperProviderName


def misfits(role: Role, account: Account) -> Iterator[Problem]:
    """Every wrong combination of one role, with the key to look at."""
    yield from _of_the_arn(role)
    yield from _of_the_assertion(role)
    yield from _of_the_device(role)
    yield from _of_the_pool(role)
    yield from _of_the_policy(role)
    if account.zone is Zone.THIRD_PARTY:
        yield from _of_a_third_party(role)
    if role.method in _OF_USERS and account.base.role is not None:
        sentence = f"needs the key of an IAM user, and the account's base is the role {account.base.role.name}"
        yield "method", f"{role.method} {sentence}"


def base_misfits(account: Account) -> Iterator[Problem]:
    base = account.base
    if base.profile and (base.role is not None or base.provider_arn is not None):
        yield "base", "expected either profile, or role with or without provider_arn"
    if base.provider_arn is not None and base.role is None:
        yield "base.provider_arn", "goes with a role, which is taken with a token of the gateway's own issuer"
    if base.role is not None and base.role.aws_partition is not account.partition:
        yield "base.role", f"is of partition {base.role.aws_partition}, the account of {account.partition}"
    if base.provider_arn is not None and base.role is not None:
        if base.provider_arn.kind != "oidc-provider":
            yield "base.provider_arn", "expected the ARN of an oidc-provider: the gateway takes the role with a token"
        if (base.provider_arn.account, base.provider_arn.aws_partition) != (base.role.account, base.role.aws_partition):
            yield "base.provider_arn", "must be in the same account and partition as the base's role"
    if account.fallback_region and region_partition(account.fallback_region) is not account.partition:
        yield "fallback_region", f"is not a region of the partition {account.partition}"


def _of_the_arn(role: Role) -> Iterator[Problem]:
    is_user = isinstance(role.arn, UserArn)
    if role.method in _OF_USERS and not is_user:
        yield "arn", f"the method {role.method} lends the rights of an IAM user: expected the ARN of that user"
    if role.method not in _OF_USERS and is_user:
        yield "arn", f"the method {role.method} gives roles: expected the ARN of a role, not of a user"


def _of_the_assertion(role: Role) -> Iterator[Problem]:
    passes = role.assertion is Assertion.PASSTHROUGH
    if passes and role.method not in _ASSERTED:
        yield "assertion", f"passthrough is for the methods saml and web_identity, not for {role.method}"
    if passes and not role.unenforced:
        why = "whoever can get such a statement can take this role at AWS without this gateway and its rules"
        yield "accept_unenforced", f'passthrough needs the words "{ACCEPTED}": {why}'
    if role.unenforced and not passes:
        yield "accept_unenforced", 'goes with assertion = "passthrough"'
    if passes and role.tags:
        yield "tags", "AWS reads tags from the company's own statement, not from here, when it is passed through"


def _of_the_device(role: Role) -> Iterator[Problem]:
    if role.mfa_serial and role.method not in (Method.ASSUME_ROLE, Method.SESSION_TOKEN):
        yield "mfa_serial", f"AWS takes a code with assume_role and session_token, not with {role.method}"
    if role.mfa_serial and not _SERIAL.fullmatch(role.mfa_serial):
        yield "mfa_serial", "expected a device's ARN such as arn:aws:iam::111122223333:mfa/NAME, or a serial number"
    if role.method is Method.SESSION_TOKEN and not role.mfa_serial:
        yield "mfa_serial", "is required: without a second factor everybody would simply be the gateway's user"


def _of_the_pool(role: Role) -> Iterator[Problem]:
    if role.method is not Method.COGNITO:
        for key, value in (("identity_pool", role.identity_pool), ("pool_login", role.pool_login)):
            if value:
                yield key, f"goes with the method cognito, not with {role.method}"
        return
    found = _POOL.fullmatch(role.identity_pool)
    if found is None:
        yield "identity_pool", "expected REGION:UUID, such as eu-west-1:12345678-1234-1234-1234-123456789abc"
    elif region_partition(found["region"]) is not role.arn.aws_partition:
        yield "identity_pool", f"is in a region outside the partition {role.arn.aws_partition}"
    if role.pool_login and not _POOL_LOGIN.fullmatch(role.pool_login):
        yield "pool_login", "expected the name of the pool's developer provider, such as login.example"
    if role.max_seconds != 3_600:
        yield "max_minutes", "expected 60: sessions of a Cognito identity pool last an hour, no more and no less"
    if role.tags and not role.pool_login:
        yield "tags", "Cognito takes tags only with a pool_login; otherwise the pool makes them of the token's claims"


def _of_a_third_party(role: Role) -> Iterator[Problem]:
    if role.method is not Method.ASSUME_ROLE:
        yield "method", f"a third party's role needs assume_role: {role.method} carries no external id"
    if role.mfa_serial:
        yield "mfa_serial", "a third party's role is tried every day, when nobody is there to give a code"


def _of_the_policy(role: Role) -> Iterator[Problem]:
    has_policy = bool(role.policy or role.policy_arns)
    if role.method is Method.FEDERATION_TOKEN and not has_policy:
        yield "policy", "is required (or policy_arns): AWS gives a federation token without one no rights at all"
    if role.method in (Method.SESSION_TOKEN, Method.COGNITO) and has_policy:
        yield "policy", f"the method {role.method} takes no session policy"
    if role.method is Method.SESSION_TOKEN and role.tags:
        yield "tags", "the method session_token takes no tags"
    if role.method in (Method.FEDERATION_TOKEN, Method.COGNITO) and role.transitive_tags:
        yield "transitive_tags", f"tags of the method {role.method} cannot be transitive"
