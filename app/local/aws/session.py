"""Temporary credentials that were given out, and what AWS remembers about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.local.aws import arns


class Kind(StrEnum):
    ROLE = "assumed-role"
    FEDERATED = "federated-user"
    USER = "session-token"  # GetSessionToken: the user (or root) itself, for a while


@dataclass(frozen=True, slots=True)
class Session:
    """`owner` is the role's name, or the user's (empty for root); `owner_id` its AROA, AIDA or account id.

    `mfa_at` is when a one-time code was given for it; only sessions of GetSessionToken remember that.

    `policies` are session policies; they cut only if `limited` (federated users are always limited:
    without a policy they may do nothing). `claims` are condition keys that last as long as the session.
    """

    kind: Kind
    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    account: str
    partition: str
    owner: str
    owner_id: str
    name: str
    issued_at: datetime
    expires_at: datetime
    method: str
    limited: bool = False
    policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    chained: bool = False
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mfa_at: datetime | None = None

    @property
    def arn(self) -> str:
        match self.kind:
            case Kind.ROLE:
                return arns.assumed_role(self.partition, self.account, self.owner, self.name)
            case Kind.FEDERATED:
                return arns.federated_user(self.partition, self.account, self.name)
            case Kind.USER:
                raise ValueError("a GetSessionToken session has the ARN of its user")

    @property
    def user_id(self) -> str:
        match self.kind:
            case Kind.ROLE:
                return f"{self.owner_id}:{self.name}"
            case Kind.FEDERATED:
                return f"{self.account}:{self.name}"
            case Kind.USER:
                return self.owner_id
