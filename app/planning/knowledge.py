"""The stored documents: one for each account, one for each person. Many roles, few round trips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.core.plans import Signer


@dataclass(frozen=True, slots=True)
class RoleKnowledge:
    """`longest_seconds` is what AWS gives this role for; None if it is not known."""

    studied_at: datetime | None = None  # when iam:GetRole was last tried
    longest_seconds: int | None = None
    source: str = ""  # "iam:GetRole", or "a refusal"
    learnt_at: datetime | None = None
    packed_percent: int | None = None
    missing: bool = False  # iam:GetRole says that there is no such role


@dataclass(frozen=True, slots=True)
class AccountKnowledge:
    """A stored document under the account's id. `signer` is of the account's base credentials."""

    signer: Signer = Signer.UNKNOWN
    signer_at: datetime | None = None
    roles: Mapping[str, RoleKnowledge] = field(default_factory=dict)  # by ARN


@dataclass(frozen=True, slots=True)
class RefusedLately:
    why: str  # a sentence, with AWS's code
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonKnowledge:
    """A stored document under the person: a trust policy may refuse one and take another."""

    refused: Mapping[str, RefusedLately] = field(default_factory=dict)  # by ARN
