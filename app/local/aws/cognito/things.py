"""What Cognito remembers. Values only, as in `app/local/aws/things.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoleRule:
    """`match` is Equals, Contains, StartsWith or NotEqual."""

    claim: str
    match: str
    value: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """`kind` is Token or Rules; `otherwise`, when neither decides, is AuthenticatedRole or Deny."""

    kind: str
    otherwise: str
    rules: tuple[RoleRule, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """`id` is `REGION:UUID`. `mappings` go by the provider's host, as in `Logins`."""

    id: str
    account: str
    partition: str
    name: str
    created: datetime
    developer_provider: str = ""
    oidc_providers: tuple[str, ...] = ()
    classic: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, RoleMapping] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.id.partition(":")[0]

    @property
    def arn(self) -> str:
        return f"arn:{self.partition}:cognito-identity:{self.region}:{self.account}:identitypool/{self.id}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who logged in. `logins` says who they are with each provider: host to subject."""

    id: str
    pool: str
    logins: Mapping[str, str]
    created: datetime
