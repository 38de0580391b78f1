"""The two ends of a SAML sign-in: us, from the configuration, and them, from their metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.providers.saml.keys import KeyPair


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """This gateway, as one provider knows it. Each provider has its own addresses, so that an answer
    meant for one can never be an answer of another.
    """

    entity_id: str
    acs: str
    slo: str = ""  # where its logout messages go
    keys: tuple[KeyPair, ...] = ()  # the first signs, all decrypt
    sign_requests: bool = True  # sign-in requests; logout messages are always signed

    @property
    def signing_key(self) -> KeyPair | None:
        """What sign-in requests are signed with."""
        return self.keys[0] if self.keys and self.sign_requests else None


@dataclass(frozen=True, slots=True)
class TrustedProvider:
    """The provider: who it says it is, where people go, and the certificates that we believe."""

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]  # base64 DER; SAML trusts the keys in them, so that one that has ended still verifies
    response_signed: bool = False
    max_validity: timedelta = timedelta(minutes=10)
    # Its SingleLogoutService, empty if it has none; answers go to `slo_response_url`.
    slo_url: str = ""
    slo_response_url: str = ""
    slo_binding: str = ""  # "redirect" or "post": what its address above wants
    valid_until: datetime | None = None  # the earliest validUntil of its metadata
    cache_for: timedelta | None = None  # the shortest cacheDuration
