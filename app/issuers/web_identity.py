"""AssumeRoleWithWebIdentity with a token of the gateway's own.

SourceIdentity, tags and the one permitted role are in the token; the call is unsigned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.issuers.limits import session_limits
from app.issuers.order import Issued, Order
from app.issuers.sts import Sessions
from app.minting.keys import SigningKeys
from app.minting.oidc_tokens import mint_token


@dataclass(frozen=True, slots=True)
class WebIdentityIssuer:
    issuer_url: str
    keys: SigningKeys
    sessions: Sessions
    clock: Callable[[], datetime]

    def issue(self, order: Order) -> Issued:
        claims = order.claims()
        token = mint_token(claims, self.issuer_url, self.keys, self.clock())
        return self.sessions.unsigned(
            order,
            lambda sts, seconds: sts.assume_role_with_web_identity(
                RoleArn=claims.role,
                RoleSessionName=claims.session_name,
                WebIdentityToken=token,
                **session_limits(order, seconds),
            ),
        )
