"""AssumeRoleWithSAML with a response of the gateway's own.

RoleSessionName, SourceIdentity and tags are in the assertion; the call is unsigned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.issuers.limits import session_limits
from app.issuers.order import Issued, Order
from app.issuers.sts import Sessions
from app.minting.keys import SigningKeys
from app.minting.saml_assertions import mint_response


@dataclass(frozen=True, slots=True)
class SamlIssuer:
    issuer_url: str
    keys: SigningKeys
    sessions: Sessions
    clock: Callable[[], datetime]

    def issue(self, order: Order) -> Issued:
        claims = order.claims()
        response = mint_response(claims, self.issuer_url, self.keys, self.clock())
        return self.sessions.unsigned(
            order,
            lambda sts, seconds: sts.assume_role_with_saml(
                RoleArn=claims.role,
                PrincipalArn=claims.provider,
                SAMLAssertion=response,
                **session_limits(order, seconds),
            ),
        )
