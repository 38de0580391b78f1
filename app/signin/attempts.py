"""What is kept of a sign-in that is under way, and who may take it up again."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.audit import Audit
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.proof import Proof
from app.errors import ProviderUnavailable, SignInRefused
from app.sessions import Seen

ATTEMPT_LIFE = timedelta(minutes=10)
# Of one network address, which may be a whole company's on a Monday morning, or a provider's that tells of its end.
STARTS_A_MINUTE, ANSWERS_A_MINUTE = 600, 600
SKEW = timedelta(seconds=60)
STALE = (
    "This sign-in is more than ten minutes old, has been used already, or began in another browser. "
    "Please sign in again."
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A stored document under its `state`: a sign-in that is under way in one browser."""

    provider: str
    binding: str = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)
    return_to: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A stored document under a ticket: a verified SAML answer, waiting for its browser.

    `asked` False: nobody here asked for it, so no browser began it; the first that fetches it binds it, and the person
    is asked.
    """

    identity: Identity
    binding: str = field(repr=False)
    return_to: str
    proof: Proof | None = None
    upstream: Mapping[str, str] = field(default_factory=dict, repr=False)
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Used:
    """A stored document: this assertion or logout token has been here."""

    at: datetime


@dataclass(frozen=True, slots=True)
class From:
    """Where a request came from, for the audit and the limits."""

    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class Here:
    """The browser that asks, by its two cookies: of its attempts, and of its session. Either may be empty."""

    binding: str = field(repr=False)
    session: str = field(repr=False)
    seen: Seen


def same_browser(began: str, now: str) -> bool:
    return bool(now) and hmac.compare_digest(began.encode(), now.encode())


def event(kind: Kind, identity: Identity, origin: From, **facts: str | int | list[str]) -> Event:
    return Event(kind, identity.provider, identity.subject, identity.name, origin.address, origin.reference, facts)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Every refused message of a provider, and every provider that cannot be used, is one audit line."""

    audit: Audit
    provider: str
    origin: From
    kind: Kind = Kind.SIGN_IN_REFUSED

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SignInRefused | ProviderUnavailable):
            origin = self.origin
            facts = {"reason": error.reason}
            self.audit.record(
                Event(
                    self.kind, provider=self.provider, address=origin.address, reference=origin.reference, facts=facts
                )
            )
