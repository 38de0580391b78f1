"""Everything the local AWS knows, behind one lock.

Owned here: uniqueness and look-up. Not here: who may change what (`iam/`, `s3/`), what a request means.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.session import Session
from app.local.aws.things import (
    AccessKey,
    Account,
    Bucket,
    ManagedPolicy,
    MfaDevice,
    OidcProvider,
    Role,
    SamlProvider,
    User,
)

T = TypeVar("T", Role, User, AccessKey, ManagedPolicy, MfaDevice, SamlProvider, OidcProvider)


@dataclass(slots=True)
class World:
    accounts: dict[str, Account] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)  # by ARN
    users: dict[str, User] = field(default_factory=dict)  # by ARN
    keys: dict[str, AccessKey] = field(default_factory=dict)  # by access key id
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)  # by ARN
    mfa_devices: dict[str, MfaDevice] = field(default_factory=dict)  # by serial number, which is an ARN
    saml_providers: dict[str, SamlProvider] = field(default_factory=dict)  # by ARN
    oidc_providers: dict[str, OidcProvider] = field(default_factory=dict)  # by ARN
    buckets: dict[str, Bucket] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)  # by access key id
    identity_pools: dict[str, IdentityPool] = field(default_factory=dict)  # by id
    identities: dict[str, Identity] = field(default_factory=dict)  # by id
    signing_keys: dict[str, str] = field(default_factory=dict, repr=False)  # PEM, by issuer
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Look-up and change as one step: two CreateRole of one name must not both succeed."""
        with self._lock:
            yield

    def role(self, account: str, name: str) -> Role | None:
        """Role names are unique in an account without regard to case (IAM identifiers)."""
        return next((r for r in self._of(self.roles, account) if r.name.lower() == name.lower()), None)

    def user(self, account: str, name: str) -> User | None:
        return next((u for u in self._of(self.users, account) if u.name.lower() == name.lower()), None)

    def roles_of(self, account: str) -> list[Role]:
        return sorted(self._of(self.roles, account), key=lambda role: role.name)

    def oidc_provider(self, account: str, url: str) -> OidcProvider | None:
        """URLs compare byte for byte: a final slash makes another issuer."""
        return next((p for p in self._of(self.oidc_providers, account) if p.url == url), None)

    def keys_of(self, account: str, user: str) -> list[AccessKey]:
        return [key for key in self._of(self.keys, account) if key.user == user]

    def policies_of(self, account: str) -> list[ManagedPolicy]:
        return sorted(self._of(self.policies, account), key=lambda policy: policy.name)

    def policy(self, account: str, name: str) -> ManagedPolicy | None:
        return next((p for p in self._of(self.policies, account) if p.name.lower() == name.lower()), None)

    def devices_of(self, account: str, user: str) -> list[MfaDevice]:
        return [device for device in self._of(self.mfa_devices, account) if device.user == user]

    def holders(self, policy_arn: str) -> list[Role | User]:
        """Roles and users that a managed policy is attached to."""
        everybody: list[Role | User] = [*self.roles.values(), *self.users.values()]
        return [holder for holder in everybody if policy_arn in holder.attached()]

    def remember(self, session: Session) -> None:
        with self._lock:
            ended = [k for k, s in self.sessions.items() if (session.issued_at - s.expires_at).days >= 1]
            for key in ended:
                del self.sessions[key]
            self.sessions[session.access_key_id] = session

    @staticmethod
    def _of(things: Mapping[str, T], account: str) -> list[T]:
        return [thing for thing in things.values() if thing.account == account]
