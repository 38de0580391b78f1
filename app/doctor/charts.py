"""The stored documents: what was seen of a role at the last look, and one short list for each account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.plans import Signer


class State(StrEnum):
    SOUND = "sound"
    FINDINGS = "findings"
    CANNOT_LOOK = "cannot look"
    NOT_YET = "not looked at yet"
    NONE = "no trust policy"  # an IAM user's rights are lent: nobody is trusted


@dataclass(frozen=True, slots=True)
class Chart:
    """`trust` is JSON, of `seen_at`; empty if it never was seen. `why_not`: why the last look, at `looked_at`, saw
    nothing. `reach` are ids of `reach.PATHS`; `reach_why_not` as `why_not`."""

    looked_at: datetime
    seen_at: datetime | None = None
    trust: str = ""
    longest_seconds: int | None = None
    description: str | None = None
    boundary: str = ""
    why_not: str = ""
    all_alike: bool = False  # why_not is true of every role that is asked for with the same credentials
    asker: str = ""  # the ARN of who signs, as far as AWS said
    signer: Signer = Signer.UNKNOWN
    reach: tuple[str, ...] = ()
    reach_why_not: str = ""
    worse: tuple[str, ...] = ()
    worse_at: datetime | None = None

    @property
    def reach_at(self) -> datetime | None:
        """When the policies that `reach` is of were seen."""
        return None if self.reach_why_not else self.seen_at


@dataclass(frozen=True, slots=True)
class Line:
    """One role in its account's list. `made_of` is of everything but the trust policy that the judgement hangs on.
    `reach` as in its chart, seen at `reach_at`; None where its policies were not seen."""

    state: State
    looked_at: datetime
    made_of: str
    findings: int = 0
    gravest: str = ""
    worse_at: datetime | None = None
    reach: tuple[str, ...] = ()
    reach_at: datetime | None = None

    def is_due(self, now: datetime, made_of: str) -> bool:
        rest = timedelta(hours=1) if self.state is State.CANNOT_LOOK else timedelta(days=1)
        return self.made_of != made_of or now - self.looked_at >= rest


@dataclass(frozen=True, slots=True)
class AccountCharts:
    """A stored document under the account's id."""

    roles: Mapping[str, Line] = field(default_factory=dict)  # by ARN
