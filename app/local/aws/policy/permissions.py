"""Which policies count for a caller, and whether together they allow something.

Session permissions are the intersection of what the role (or user) may do and the session policies
(IAM User Guide, "Session policies").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.local.aws import arns
from app.local.aws.policy.evaluation import Ask, Verdict, Who, permits
from app.local.aws.policy.managed import text_of
from app.local.aws.refusals import access_denied
from app.local.aws.session import Kind
from app.local.aws.signing.caller import Caller
from app.local.aws.things import Role, User
from app.local.aws.world import World


@dataclass(frozen=True, slots=True)
class Permissions:
    """`settled` is the moment up to which policy changes have reached the service."""

    world: World
    settled: datetime

    def verdict(self, caller: Caller, ask: Ask) -> Verdict:
        own = Verdict.ALLOW if self._root_behind(caller) else permits(self.policies(caller), ask)
        if caller.session is None or not caller.session.limited:
            return own
        return _both(own, permits(caller.session.policies, ask))

    def policies(self, caller: Caller) -> list[str]:
        session = caller.session
        if session is not None and session.kind is Kind.ROLE:
            role = self.world.role(session.account, session.owner)
            # A role deleted and made again under its name is another role: old sessions get nothing from it.
            same = role is not None and role.role_id == session.owner_id
            return self._documents(role) if role and same else []
        return self._documents(caller.user) if caller.user else []

    def _documents(self, holder: Role | User) -> list[str]:
        """Inline policies and attached ones, as far as they have settled."""
        arns_attached = holder.attached(self.settled)
        attached = (text_of(arn, self.world, holder.partition, holder.account) for arn in arns_attached)
        return [*holder.policies(self.settled).values(), *(text for text in attached if text is not None)]

    def require(self, caller: Caller, ask: Ask) -> None:
        """Raises AccessDenied with the sentence that says which kind of policy refused."""
        verdict = self.verdict(caller, ask)
        if verdict is Verdict.ALLOW:
            return
        kind = "session" if caller.session is not None and caller.session.limited else "identity-based"
        why = f"because no {kind} policy allows the {ask.action} action"
        if verdict is Verdict.DENY:
            why = "with an explicit deny in an identity-based policy"
        raise access_denied(
            f"User: {caller.arn} is not authorized to perform: {ask.action} on resource: {ask.resource} {why}"
        )

    @staticmethod
    def _root_behind(caller: Caller) -> bool:
        session = caller.session
        if session is not None and session.kind is Kind.FEDERATED:
            return not session.owner
        return caller.is_root


def _both(one: Verdict, other: Verdict) -> Verdict:
    if Verdict.DENY in (one, other):
        return Verdict.DENY
    return Verdict.ALLOW if one is other is Verdict.ALLOW else Verdict.SILENT


def who_is(caller: Caller, world: World) -> Who:
    """The names under which a trust policy can mean this caller."""
    direct = {caller.arn, "*"}
    session = caller.session
    if session is not None and session.kind is Kind.ROLE and (role := world.role(session.account, session.owner)):
        direct.add(role.arn)
    account = frozenset({caller.account, arns.account_root(caller.partition, caller.account)})
    return Who("AWS", frozenset(direct), account)


def provider_is(provider_arn: str) -> Who:
    return Who("Federated", frozenset({provider_arn}))
