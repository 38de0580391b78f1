"""AWS credentials, and the shape in which AWS tools read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.roles import AccountId


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials of one role session. `repr` shows the key id and the expiry only."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime  # UTC
    account: AccountId
    assumed_role_arn: str = field(repr=False, default="")

    def as_process_json(self) -> dict[str, str | int]:
        """The shape of `credential_process` (AWS SDKs and Tools Reference Guide, "Process credential provider").

        `Expiration` is always UTC with a literal Z and no fraction: other forms broke Java, Rust and
        fluent-bit clients.
        """
        return {
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": as_zulu(self.expires_at),
            "AccountId": str(self.account),
        }


def as_zulu(moment: datetime) -> str:
    """`2026-11-21T20:28:06Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
