"""What an issuer needs to know, and nothing that it could widen; and what it brings back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.core.credentials import Credentials
from app.core.decisions import Grant
from app.core.proof import Proof
from app.core.roles import Base, FederationName, SessionName, SourceIdentity
from app.minting.claims import SessionClaims


@dataclass(frozen=True, slots=True)
class Order:
    """`seconds` is within the grant's limits and STS's (900-43200). What only some methods need comes last."""

    grant: Grant
    session_name: SessionName
    source_identity: SourceIdentity
    subject: str  # opaque, stable for the person
    seconds: int
    federation_name: FederationName | None = None  # of federation_token
    base: Base = field(default_factory=Base)  # with which credentials the gateway signs its own calls for this account
    fallback_region: str = ""  # where STS is asked when the role's region does not answer; empty: a usual partner
    external_id: str = ""  # of assume_role; made by the gateway, never chosen by people
    mfa_code: str = field(default="", repr=False)  # six digits of the device `grant.role.mfa_serial`
    proof: Proof | None = None  # the company's own statement, for passthrough

    def claims(self) -> SessionClaims:
        """What a minted document must say. Only for grants with a provider (`saml`, `web_identity`)."""
        provider = self.grant.provider_arn
        if provider is None:
            raise ValueError(f"{self.grant.role.arn}: the method {self.grant.method} needs a provider_arn")
        return SessionClaims(
            self.grant.role.arn,
            provider,
            self.subject,
            self.session_name,
            self.source_identity,
            self.grant.tags,
            self.grant.transitive_tags,
        )


@dataclass(frozen=True, slots=True)
class Issued:
    """`learnt` is the longest session that AWS turned out to give, in seconds, where it has refused a longer one.

    `packed_percent` is how much of AWS's space for policies and tags was used, where AWS says so.
    """

    credentials: Credentials
    learnt: int | None = None
    packed_percent: int | None = None


class Issuer(Protocol):
    """Raises AwsRefused, AwsUnavailable or SignInRequired."""

    def issue(self, order: Order) -> Issued: ...
