"""AssumeRole with the gateway's own AWS credentials, for accounts that register no provider of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from app.core.roles import MAX_SESSION_SECONDS
from app.issuers.base import Caller, Kind
from app.issuers.limits import code, session_limits, session_tags
from app.issuers.order import Issued, Order
from app.issuers.refusals import not_as_granted, told
from app.issuers.sts import Sessions, regions_of

CHAINED_SECONDS = 3_600  # role chaining: one hour, whatever the role allows (AssumeRole, DurationSeconds)


class _OfThisCall(TypedDict):
    ExternalId: NotRequired[str]
    TransitiveTagKeys: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class AssumeRoleIssuer:
    sessions: Sessions

    def issue(self, order: Order) -> Issued:
        with told():
            caller = self.sessions.aws.caller(order.base, regions_of(order), self.sessions.aws.until())
        return self.sessions.signed(
            order,
            lambda sts, seconds: sts.assume_role(
                RoleArn=order.grant.role.arn,
                RoleSessionName=order.session_name,
                SourceIdentity=order.source_identity,
                **session_limits(order, seconds),
                **session_tags(order),
                **code(order),
                **_of_this_call(order),
            ),
            at_most=_at_most(caller),
        )


def _at_most(caller: Caller) -> int:
    match caller.kind:
        case Kind.ROLE_SESSION:
            return CHAINED_SECONDS
        case Kind.ROOT | Kind.FEDERATED:
            # Root may not assume roles, and GetFederationToken's credentials may not call AssumeRole (STS, AssumeRole).
            raise not_as_granted(
                f"The gateway's own AWS credentials are of the {caller.kind}, which may not assume roles.",
                f"aws.caller {caller.kind.name.lower()}",
            )
        case Kind.USER | Kind.USER_SESSION:
            return MAX_SESSION_SECONDS


def _of_this_call(order: Order) -> _OfThisCall:
    given: _OfThisCall = {}
    if order.external_id:
        given["ExternalId"] = order.external_id
    if order.grant.tags and order.grant.transitive_tags:
        given["TransitiveTagKeys"] = list(order.grant.transitive_tags)
    return given
