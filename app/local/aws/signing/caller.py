"""Who a verified signature belongs to, and what condition keys that brings along."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from app.local.aws import arns
from app.local.aws.refusals import Refusal
from app.local.aws.replies import zulu
from app.local.aws.session import Kind, Session
from app.local.aws.signing.claims import Claims
from app.local.aws.things import AccessKey, User
from app.local.aws.world import World

Context = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Caller:
    """`session` is None for long-term keys; `user` is None for root, roles and federated users of root.

    `mfa_age` is how many seconds ago a one-time code was given, if one was.
    """

    account: str
    partition: str
    arn: str
    user_id: str
    key_id: str
    user: User | None = None
    session: Session | None = None
    mfa_age: int | None = None

    @property
    def is_root(self) -> bool:
        return self.arn == arns.account_root(self.partition, self.account)


def unknown_key() -> Refusal:
    return Refusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def secret_of(world: World, claims: Claims) -> tuple[str, AccessKey | Session]:
    """The secret of the key that claims to have signed. A session key needs its own token, a long-term key none."""
    if (key := world.keys.get(claims.key_id)) is not None and not claims.token:
        return key.secret, key
    session = world.sessions.get(claims.key_id)
    if session is None or not hmac.compare_digest(session.token.encode(), claims.token.encode()):
        raise unknown_key()
    return session.secret, session


def caller_of(world: World, found: AccessKey | Session, now: datetime) -> Caller:
    """Raises ExpiredToken; InvalidClientTokenId when the user behind the key is gone."""
    match found:
        case AccessKey():
            return _user_caller(world, found.account, found.user, found.id, None)
        case Session() if now >= found.expires_at:
            raise Refusal("ExpiredToken", "The security token included in the request is expired", 403)
        case Session(kind=Kind.USER):
            caller = _user_caller(world, found.account, found.owner, found.access_key_id, found)
            return replace(caller, mfa_age=int((now - found.mfa_at).total_seconds()) if found.mfa_at else None)
        case Session():
            user = world.user(found.account, found.owner) if found.kind is Kind.FEDERATED else None
            return Caller(found.account, found.partition, found.arn, found.user_id, found.access_key_id, user, found)


def _user_caller(world: World, account: str, name: str, key_id: str, session: Session | None) -> Caller:
    partition = world.accounts[account].partition
    if not name:
        return Caller(account, partition, arns.account_root(partition, account), account, key_id, None, session)
    user = world.user(account, name)
    if user is None:
        raise unknown_key()
    return Caller(account, partition, user.arn, user.user_id, key_id, user, session)


def principal_context(caller: Caller, world: World) -> Context:
    """The global condition keys of the one who asks (IAM User Guide, "Global condition context keys")."""
    context: Context = {
        "aws:userid": (caller.user_id,),
        "aws:principalaccount": (caller.account,),
        "aws:principalarn": (_principal_arn(caller, world),),
        "aws:principaltype": (_principal_type(caller),),
    }
    tags = dict(caller.user.tags) if caller.user else {}
    if caller.user is not None and (caller.session is None or caller.session.kind is Kind.USER):
        context["aws:username"] = (caller.user.name,)
    if caller.session is not None:
        tags = session_tags(caller.session, world)
        context |= _session_context(caller.session) | _mfa_context(caller)
    return context | {f"aws:principaltag/{key.lower()}": (value,) for key, value in tags.items()}


def session_tags(session: Session, world: World) -> dict[str, str]:
    """A session tag overrides the tag of the role or user of the same key, whatever its case."""
    role = world.role(session.account, session.owner) if session.kind is Kind.ROLE else None
    user = None if role else world.user(session.account, session.owner)
    below = dict(role.tags if role else user.tags if user else {})
    folded = {key.lower() for key in session.tags}
    return {key: value for key, value in below.items() if key.lower() not in folded} | dict(session.tags)


def _session_context(session: Session) -> Context:
    context: Context = {"aws:tokenissuetime": (zulu(session.issued_at),)}
    if session.source_identity:
        context["aws:sourceidentity"] = (session.source_identity,)
    return context | dict(session.claims)


def _mfa_context(caller: Caller) -> Context:
    """Absent for long-term keys and in every federation: `Bool` false does not match there, `BoolIfExists` does.

    Credentials of AssumeRole never say that a code was given (IAM User Guide, "Secure API access with MFA"):
    a role's MFA condition belongs into its trust policy.
    """
    if caller.mfa_age is not None:
        return with_code(caller.mfa_age)
    asked = caller.session is not None and caller.session.method in ("AssumeRole", "GetSessionToken")
    return {"aws:multifactorauthpresent": ("false",)} if asked else {}


def with_code(age_seconds: int) -> Context:
    return {"aws:multifactorauthpresent": ("true",), "aws:multifactorauthage": (str(age_seconds),)}


def _principal_arn(caller: Caller, world: World) -> str:
    session = caller.session
    if session is not None and session.kind is Kind.ROLE:
        role = world.role(session.account, session.owner)
        return role.arn if role else ""
    return caller.arn


def _principal_type(caller: Caller) -> str:
    if caller.session is not None and caller.session.kind is not Kind.USER:
        return "AssumedRole" if caller.session.kind is Kind.ROLE else "FederatedUser"
    return "Account" if caller.is_root else "User"
