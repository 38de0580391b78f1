"""GetSessionToken: the gateway's own IAM user, after its second factor, for a person who holds that device.

CloudTrail shows the user and not the person; the gateway's journal has the access key id beside the person's name.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.roles import MAX_SESSION_SECONDS
from app.issuers.base import Kind
from app.issuers.limits import code
from app.issuers.order import Issued, Order
from app.issuers.refusals import not_as_granted, told
from app.issuers.sts import Sessions, regions_of


@dataclass(frozen=True, slots=True)
class SessionTokenIssuer:
    sessions: Sessions

    def issue(self, order: Order) -> Issued:
        check_user(self.sessions, order, "GetSessionToken", Kind.USER)
        return self.sessions.signed(
            order,
            lambda sts, seconds: sts.get_session_token(DurationSeconds=seconds, **code(order)),
            at_most=MAX_SESSION_SECONDS,
        )


def check_user(sessions: Sessions, order: Order, call: str, kind: Kind) -> None:
    """The call lends the rights of whoever asks, so that must be whom the catalog names, with a key of its own."""
    with told():
        caller = sessions.aws.caller(order.base, regions_of(order), sessions.aws.until())
    if caller.kind is not kind:
        raise not_as_granted(
            f"AWS gives {call} only to an {kind} with a key of its own, and the gateway's credentials for this account "
            f"are of another kind ({caller.kind}).",
            f"aws.caller {caller.kind.name.lower()}",
        )
    if caller.arn != order.grant.role.arn:
        raise not_as_granted(
            f"The catalog names the user {order.grant.role.arn.name}, and the gateway's credentials for this account "
            "are of another.",
            "aws.caller other",
        )
