"""What accounts hold: roles, users, keys, identity providers, buckets, sessions. Values only.

Each is frozen; a change makes a new value and puts it into the `World` (`world.py`), so a request that
is under way never sees half of a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One PutRolePolicy or DeleteRolePolicy (`document` is None): IAM is eventually consistent, so when
    it was said and when it holds are two things. For an attachment `name` is the ARN and `document` empty."""

    at: datetime
    name: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Role:
    arn: str
    account: str
    partition: str
    path: str
    name: str
    role_id: str
    created: datetime
    trust: str
    max_seconds: int
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[PolicyChange, ...] = ()
    attachments: tuple[PolicyChange, ...] = ()

    def policies(self, until: datetime | None = None) -> dict[str, str]:
        """Inline policies by name, as they are, or as they were at `until`."""
        return _fold(self.changes, until)

    def attached(self, until: datetime | None = None) -> tuple[str, ...]:
        """ARNs of the managed policies that are attached, or were at `until`."""
        return tuple(_fold(self.attachments, until))


@dataclass(frozen=True, slots=True)
class User:
    arn: str
    account: str
    partition: str
    path: str
    name: str
    user_id: str
    created: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[PolicyChange, ...] = ()
    attachments: tuple[PolicyChange, ...] = ()

    def policies(self, until: datetime | None = None) -> dict[str, str]:
        return _fold(self.changes, until)

    def attached(self, until: datetime | None = None) -> tuple[str, ...]:
        return tuple(_fold(self.attachments, until))


def _fold(changes: tuple[PolicyChange, ...], until: datetime | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in changes:
        if until is not None and change.at > until:
            continue
        if change.document is None:
            found.pop(change.name, None)
        else:
            found[change.name] = change.document
    return found


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term key. `user` is empty for the root of the account."""

    id: str
    secret: str = field(repr=False)
    account: str
    user: str
    created: datetime


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A customer managed policy. It has one version, `v1`: who needs another text makes another policy."""

    arn: str
    account: str
    path: str
    name: str
    policy_id: str
    document: str
    created: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """A virtual MFA device. `user` is empty until it is enabled; no code up to `last_step` counts any more."""

    serial: str
    account: str
    seed: bytes = field(repr=False)
    user: str = ""
    enabled: datetime | None = None
    last_step: int = -1


@dataclass(frozen=True, slots=True)
class SamlProvider:
    arn: str
    account: str
    name: str
    metadata: str = field(repr=False)
    created: datetime
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """`url` is `HOST/PATH`, without `https://`, as in the ARN."""

    arn: str
    account: str
    url: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]
    created: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    body: bytes = field(repr=False)
    etag: str
    content_type: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    account: str
    region: str
    created: datetime
    objects: Mapping[str, StoredObject] = field(default_factory=dict)
