"""The stored documents: one for each account, one for each person. Many roles, few round trips."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.plans import Signer
from app.core.roles import Base


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
    """A stored document under the account's id. `signer` is of the base credentials that `signer_of` names."""

    signer: Signer = Signer.UNKNOWN
    signer_of: str = ""
    signer_at: datetime | None = None
    roles: Mapping[str, RoleKnowledge] = field(default_factory=dict)  # by ARN

    def signer_for(self, base: Base) -> Signer:
        """Unknown, if the catalog has named other credentials since."""
        return self.signer if self.signer_of == base_key(base) else Signer.UNKNOWN

    def has_signer(self, base: Base, since: datetime) -> bool:
        return self.signer_at is not None and self.signer_at >= since and self.signer_of == base_key(base)

    def with_signer(self, signer: Signer, base: Base, now: datetime) -> AccountKnowledge:
        return replace(self, signer=signer, signer_of=base_key(base), signer_at=now)


@dataclass(frozen=True, slots=True)
class RefusedLately:
    why: str  # a sentence, with AWS's code
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonKnowledge:
    """A stored document under the person: a trust policy may refuse one and take another."""

    refused: Mapping[str, RefusedLately] = field(default_factory=dict)  # by ARN


def base_key(base: Base) -> str:
    return json.dumps([base.profile, base.role, base.provider_arn])
