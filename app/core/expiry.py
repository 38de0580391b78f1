"""Certificates that end, and when somebody should be told.

SAML trusts keys, and an ended certificate around a key still verifies here; but providers make a new key when their
certificate ends, and then the old one signs nothing that anybody believes. Warned is while there is time to act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum


class Urgency(IntEnum):
    NONE = 0
    SOON = 30  # days or fewer
    NEAR = 14
    NOW = 7
    ENDED = -1


@dataclass(frozen=True, slots=True)
class Certificate:
    """`owner` says whose it is, in words; `thumbprint` is the beginning of the SHA-256 of its DER, in hex."""

    owner: str
    thumbprint: str
    ends: datetime

    def days_left(self, now: datetime) -> int:
        """Whole days, negative when it has ended."""
        return (self.ends - now) // timedelta(days=1)

    def urgency(self, now: datetime) -> Urgency:
        if self.ends <= now:
            return Urgency.ENDED
        fitting = [step for step in (Urgency.NOW, Urgency.NEAR, Urgency.SOON) if self.ends - now <= step * _DAY]
        return fitting[0] if fitting else Urgency.NONE

    def spoken(self, now: datetime) -> str:
        """`corp, signing, 3f2a9c0145d1: 12 days left`"""
        days = self.days_left(now)
        if self.ends <= now:
            return f"{self.owner}, {self.thumbprint}: ended on {self.ends:%Y-%m-%d}"
        return f"{self.owner}, {self.thumbprint}: {days} {'day' if days == 1 else 'days'} left"


_DAY = timedelta(days=1)
