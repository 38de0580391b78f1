"""What is kept of an answer of AWS, for whom, and for how long it is still good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.credentials import Credentials
from app.core.decisions import Purpose
from app.core.identity import Identity
from app.core.roles import AccountId
from app.errors import AwsRefused, AwsUnavailable, GatewayError

MIN_LEFT = timedelta(minutes=15)  # botocore and .NET ask again on every call for less


@dataclass(frozen=True, slots=True)
class KeptCredentials:
    """A stored document. Repeats its owner: an answer of Redis to another question must not pass."""

    provider: str
    subject: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    minted_at: datetime
    expires_at: datetime
    account: str
    assumed_role_arn: str

    def credentials(self) -> Credentials:
        return Credentials(
            self.access_key_id,
            self.secret_access_key,
            self.session_token,
            self.expires_at,
            AccountId(self.account),
            self.assumed_role_arn,
        )

    @classmethod
    def of(cls, identity: Identity, credentials: Credentials, now: datetime) -> KeptCredentials:
        return cls(
            identity.provider,
            identity.subject,
            credentials.access_key_id,
            credentials.secret_access_key,
            credentials.session_token,
            now,
            credentials.expires_at,
            credentials.account,
            credentials.assumed_role_arn,
        )

    def usable(self, identity: Identity, purpose: Purpose, now: datetime) -> bool:
        owner = (self.provider, self.subject)
        needed = _needed_left(purpose, self.expires_at - self.minted_at)
        return owner == (identity.provider, identity.subject) and self.expires_at - now >= needed


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """A stored document: why the flight that many waited for did not land. Lives for two seconds."""

    code: str
    sentence: str
    reason: str
    retry_after: int | None = None  # seconds

    @classmethod
    def of(cls, error: AwsRefused | AwsUnavailable) -> SharedFailure:
        return cls(error.code, error.sentence, error.reason, error.retry_after)

    def again(self) -> GatewayError:
        """The same failure, for the next who waited."""
        kind = _FAILURES.get(self.code, AwsUnavailable)
        return kind(self.sentence, reason=self.reason, retry_after=self.retry_after)


_FAILURES: Mapping[str, type[GatewayError]] = {kind.code: kind for kind in (AwsRefused, AwsUnavailable)}


def _needed_left(purpose: Purpose, length: timedelta) -> timedelta:
    """The console session lives as long as its credentials, so it gets nearly all; a program fifteen minutes.

    `length` is what AWS gave, which may be less than was asked (role chaining). Half a minute less than all of it
    for the shortest sessions, or those who waited for a flight could not use what it brought.
    """
    wanted = length * 0.9 if purpose is Purpose.CONSOLE else MIN_LEFT
    return min(wanted, length - timedelta(seconds=30))
