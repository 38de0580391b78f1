"""The company's own assertion or ID token, shown to AWS as it came.

AWS then reads the session's name and tags out of it, and knows nothing of our rules: whoever can get such a
statement from the company's provider can take every role that trusts it. Roles say in so many words that their
operator knows (`Role.unenforced`); without that nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.core.proof import Proof
from app.core.roles import Assertion, Method, ProviderArn
from app.errors import SignInRequired
from app.issuers.limits import session_limits
from app.issuers.order import Issued, Issuer, Order
from app.issuers.refusals import not_as_granted
from app.issuers.sts import Sessions


@dataclass(frozen=True, slots=True)
class PassthroughIssuer:
    sessions: Sessions
    clock: Callable[[], datetime]

    def issue(self, order: Order) -> Issued:
        """Raises SignInRequired when AWS would find the statement too old."""
        if not order.grant.role.unenforced:
            sentence = "Nobody has accepted that AWS does not enforce this mapping."
            raise not_as_granted(sentence, "passthrough.unenforced")
        proof, provider = self._proof(order), order.grant.provider_arn
        if provider is None:
            raise not_as_granted("The catalog gives this role no provider.", "passthrough.provider")
        if proof.method is Method.SAML:
            return self._saml(order, proof, provider)
        return self._web_identity(order, proof)

    def _proof(self, order: Order) -> Proof:
        proof = order.proof
        if proof is None or proof.method is not order.grant.method or proof.expires_at <= self.clock():
            raise SignInRequired(
                f"AWS wants to see a fresh statement of your identity provider for the role {order.grant.role.label}; "
                "it takes one for a few minutes only. Sign in again in the browser (for a terminal, then run: fedgate "
                "login --force), and take the role at once.",
                reason="passthrough.expired" if proof is not None else "passthrough.none",
            )
        return proof

    def _saml(self, order: Order, proof: Proof, provider: ProviderArn) -> Issued:
        return self.sessions.unsigned(
            order,
            lambda sts, seconds: sts.assume_role_with_saml(
                RoleArn=order.grant.role.arn,
                PrincipalArn=provider,
                SAMLAssertion=proof.text,
                **session_limits(order, seconds),
            ),
        )

    def _web_identity(self, order: Order, proof: Proof) -> Issued:
        return self.sessions.unsigned(
            order,
            lambda sts, seconds: sts.assume_role_with_web_identity(
                RoleArn=order.grant.role.arn,
                RoleSessionName=order.session_name,
                WebIdentityToken=proof.text,
                **session_limits(order, seconds),
            ),
        )


@dataclass(frozen=True, slots=True)
class ByAssertion:
    """For the methods with two forms. `minted` is None where the gateway has no keys to sign with."""

    minted: Issuer | None
    passthrough: Issuer

    def issue(self, order: Order) -> Issued:
        if order.grant.role.assertion is Assertion.PASSTHROUGH:
            return self.passthrough.issue(order)
        if self.minted is None:
            raise not_as_granted("The gateway has no key to sign for AWS with.", "minting.keys")
        return self.minted.issue(order)
