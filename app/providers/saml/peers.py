"""The two ends of a SAML sign-in: us, from the configuration, and them, from their metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """This gateway, as one provider knows it. Each provider has its own addresses, so that an answer
    meant for one can never be an answer of another.

    A key pair for signed requests and encrypted assertions would be fields here, and nowhere else.
    """

    entity_id: str
    acs: str


@dataclass(frozen=True, slots=True)
class TrustedProvider:
    """The provider: who it says it is, where people go, and the certificates that we believe."""

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]  # base64 DER
    response_signed: bool = False
    max_validity: timedelta = timedelta(minutes=10)
