"""What is kept of a device sign-in: three documents, each under the secret of who may read it.

Begun      under the user code      what the person is asked about
Waiting    under the device code    what the terminal waits with
Answer     under a third secret, which both of them name and nobody is shown
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.needs import Needs
from app.sessions import Session
from app.sessions.session import FEDGATE

INTERVAL, SLOWER, SLOWEST = 5, 5, 60  # seconds between two polls, and what each hasty one adds (RFC 8628 section 3.5)
# Its CLI asks twice before its first pause, and a person who has agreed is waiting for it.
INTERVAL_OF_AWS_TOOLS, EARLY_POLLS_OF_AWS_TOOLS = 2, 2
_JITTER = timedelta(seconds=1)  # a network delivers two polls closer together than they were sent


@dataclass(frozen=True, slots=True)
class Begun:
    """What the person is asked about."""

    answer: str = field(repr=False)
    handle: str  # joins the lines of the audit
    device: str  # the terminal's own name for itself: shown, never trusted
    address: str  # where it asked from
    needs: Needs
    began_at: datetime
    expires_at: datetime
    client: str = FEDGATE


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the terminal waits with. `hasty`: its newest poll came too soon. `early`: so many may come too soon, and
    nothing is said."""

    answer: str = field(repr=False)
    handle: str
    code_challenge: str
    device: str
    expires_at: datetime
    polled_at: datetime
    interval: int = INTERVAL
    hasty: bool = False
    client: str = FEDGATE
    early: int = 0

    def polled(self, now: datetime) -> Waiting:
        hasty = now - self.polled_at < timedelta(seconds=self.interval) - _JITTER
        if hasty and self.early:
            return replace(self, polled_at=now, early=self.early - 1, hasty=False)
        interval = min(self.interval + SLOWER, SLOWEST) if hasty else self.interval
        return replace(self, polled_at=now, interval=interval, hasty=hasty)


@dataclass(frozen=True, slots=True)
class Answer:
    """The browser session in which somebody agreed; None if they declined."""

    parent: Session | None


@dataclass(frozen=True, slots=True)
class Codes:
    """For the terminal. `repr` shows neither."""

    device: str = field(repr=False)
    user: str = field(repr=False)
