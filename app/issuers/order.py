"""What an issuer needs to know, and nothing that it could widen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.core.credentials import Credentials
from app.core.decisions import Grant
from app.core.roles import SessionName, SourceIdentity
from app.minting.claims import SessionClaims


@dataclass(frozen=True, slots=True)
class Order:
    """`seconds` is within the grant's limits and STS's (900-43200)."""

    grant: Grant
    session_name: SessionName
    source_identity: SourceIdentity
    subject: str  # opaque, stable for the person
    seconds: int

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


class Issuer(Protocol):
    """Raises AwsRefused or AwsUnavailable."""

    def issue(self, order: Order) -> Credentials: ...
