"""GetFederationToken: what an IAM user may do, cut down by a policy, for a named person.

Never without a policy: AWS would give credentials that may do nothing but what other accounts' and buckets'
policies give them, which looks like a fault to everybody (STS API Reference, GetFederationToken). The catalog is
refused without one, and so is an order.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.roles import MAX_SESSION_SECONDS
from app.issuers.base import Kind
from app.issuers.limits import session_limits, session_tags
from app.issuers.order import Issued, Order
from app.issuers.refusals import not_as_granted
from app.issuers.session_token import check_user
from app.issuers.sts import Sessions


@dataclass(frozen=True, slots=True)
class FederationTokenIssuer:
    sessions: Sessions

    def issue(self, order: Order) -> Issued:
        if not (order.grant.policy or order.grant.policy_arns):
            raise not_as_granted("The catalog gives this entry no policy, so it would be able to do nothing.", "policy")
        name = order.federation_name
        if name is None:
            raise ValueError(f"{order.grant.role.arn}: the method {order.grant.method} needs a federation_name")
        check_user(self.sessions, order, "GetFederationToken", Kind.USER)
        return self.sessions.signed(
            order,
            lambda sts, seconds: sts.get_federation_token(
                Name=name,
                **session_limits(order, seconds),
                **session_tags(order),
            ),
            at_most=MAX_SESSION_SECONDS,
        )
