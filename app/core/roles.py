"""Names and limits of AWS, as types: a value of one of these was parsed, and its constructor is the
only validator.

Sources: STS and IAM API Reference (botocore service models `sts/2011-06-15`, `iam/2010-05-08`), IAM User
Guide "Quotas" and "IAM identifiers". Patterns use ASCII and `fullmatch`: AWS's `\\w` is `[A-Za-z0-9_]`,
while Python's would take `é` and a final newline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Self

from app.core.needs import Needs

MIN_SESSION_SECONDS = 900
MAX_SESSION_SECONDS = 43_200
MAX_POLICY_CHARACTERS = 2_048
MAX_POLICY_ARNS = 10


class Partition(StrEnum):
    AWS = "aws"
    US_GOV = "aws-us-gov"
    CHINA = "aws-cn"


# Where IAM lives, and where STS always answers (AWS General Reference, "Service endpoints").
HOME_REGIONS: Mapping[Partition, str] = MappingProxyType(
    {Partition.AWS: "us-east-1", Partition.US_GOV: "us-gov-west-1", Partition.CHINA: "cn-north-1"}
)


def region_partition(region: str) -> Partition:
    """By the region's name, as in botocore's `partitions.json`."""
    if region.startswith("us-gov-"):
        return Partition.US_GOV
    return Partition.CHINA if region.startswith("cn-") else Partition.AWS


class Method(StrEnum):
    """Which STS call gives the credentials."""

    SAML = "saml"
    WEB_IDENTITY = "web_identity"
    ASSUME_ROLE = "assume_role"
    FEDERATION_TOKEN = "federation_token"
    SESSION_TOKEN = "session_token"
    COGNITO = "cognito"


class Assertion(StrEnum):
    """Whose statement about the person AWS reads, for the methods `saml` and `web_identity`."""

    MINTED = "minted"  # the gateway's, for one role
    PASSTHROUGH = "passthrough"  # the company's own, as it came


class Zone(StrEnum):
    OWN = "own"
    THIRD_PARTY = "third-party"  # somebody else's account: AssumeRole with an external id of ours, or not at all


class AccountId(str):
    """Twelve digits, kept as text: leading zeros are part of the number."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not re.fullmatch(r"[0-9]{12}", value):
            raise ValueError(f"expected an account id of 12 digits in quotes, got {value!r}")
        return super().__new__(cls, value)


_ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):iam::(?P<account>[0-9]{12}):role"
    r"(?P<path>/(?:[\x21-\x7e]{1,510}/)?)(?P<name>[A-Za-z0-9_+=,.@-]{1,64})",
)


class RoleArn(str):
    """`arn:PARTITION:iam::ACCOUNT:role[/PATH]/NAME`. Compared exactly; IAM names differ by more than case."""

    __slots__ = ()
    _shape: ClassVar[re.Pattern[str]] = _ROLE_ARN
    _expected: ClassVar[str] = "a role ARN such as arn:aws:iam::111122223333:role/Name"

    def __new__(cls, value: str) -> Self:
        if not cls._shape.fullmatch(value) or "//" in value:
            raise ValueError(f"expected {cls._expected}, got {value!r}")
        return super().__new__(cls, value)

    def _part(self, name: str) -> str:
        found = self._shape.fullmatch(self)
        assert found is not None  # the constructor let nothing else in
        return found[name]

    @property
    def aws_partition(self) -> Partition:
        return Partition(self._part("partition"))

    @property
    def account(self) -> AccountId:
        return AccountId(self._part("account"))

    @property
    def name(self) -> str:
        """Without the path, as in the ARN of an assumed-role session."""
        return self._part("name")


_USER_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):iam::(?P<account>[0-9]{12}):user"
    r"(?P<path>/(?:[\x21-\x7e]{1,510}/)?)(?P<name>[A-Za-z0-9_+=,.@-]{1,64})",
)


class UserArn(RoleArn):
    """An IAM user whose rights GetFederationToken and GetSessionToken lend. Stands where a role's ARN stands."""

    __slots__ = ()
    _shape: ClassVar[re.Pattern[str]] = _USER_ARN
    _expected: ClassVar[str] = "the ARN of an IAM user such as arn:aws:iam::111122223333:user/broker"


def entry_arn(value: str) -> RoleArn:
    """The ARN of a catalog entry: a role's, or a user's. Raises ValueError."""
    return UserArn(value) if ":user/" in value else RoleArn(value)


_PROVIDER_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):iam::(?P<account>[0-9]{12}):"
    r"(?P<kind>saml-provider|oidc-provider)/(?P<name>[A-Za-z0-9._:/%-]{1,255})",
)


class ProviderArn(str):
    """The ARN of an IAM SAML provider or IAM OIDC provider."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _PROVIDER_ARN.fullmatch(value):
            raise ValueError(
                "expected the ARN of an IAM provider such as "
                f"arn:aws:iam::111122223333:saml-provider/fedgate, got {value!r}"
            )
        return super().__new__(cls, value)

    def _part(self, name: str) -> str:
        found = _PROVIDER_ARN.fullmatch(self)
        assert found is not None
        return found[name]

    @property
    def aws_partition(self) -> Partition:
        return Partition(self._part("partition"))

    @property
    def account(self) -> AccountId:
        return AccountId(self._part("account"))

    @property
    def kind(self) -> str:
        """`saml-provider` or `oidc-provider`."""
        return self._part("kind")


class SessionName(str):
    """RoleSessionName: 2-64 characters of `[A-Za-z0-9_+=,.@-]`."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", value):
            raise ValueError(f"expected 2-64 characters of A-Z a-z 0-9 _ + = , . @ -, got {value!r}")
        return super().__new__(cls, value)


class SourceIdentity(SessionName):
    """SourceIdentity: the same characters and length, and must not begin with `aws:` (it cannot: no colon)."""

    __slots__ = ()


class FederationName(SessionName):
    """GetFederationToken's Name: the same characters, 2-32 of them."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if len(value) > 32:
            raise ValueError(f"expected at most 32 characters, got {len(value)}")
        return super().__new__(cls, value)


@dataclass(frozen=True, slots=True)
class Base:
    """With which AWS credentials the gateway signs its own calls for an account.

    All empty: boto3's standard chain. `profile`: a profile of the AWS files. `role`: a role that the standard
    chain's credentials assume first. `role` with `provider_arn`: a role taken with a token of the gateway's own.
    """

    profile: str = ""
    role: RoleArn | None = None
    provider_arn: ProviderArn | None = None


@dataclass(frozen=True, slots=True)
class Account:
    id: AccountId
    name: str
    partition: Partition = Partition.AWS
    zone: Zone = Zone.OWN
    base: Base = Base()
    fallback_region: str = ""  # where STS is asked when the role's own region does not answer


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the catalog: what AWS has, and the limits inside which the gateway gives it out.

    `max_seconds` is a multiple of 60 within 900-43200. `tags` values may hold `{attribute.NAME}`.
    `provider_arn` is set for the methods `saml` and `web_identity`. `mfa_serial` is the gateway's user's device
    for `session_token` and `assume_role`. `shorten` names tags in the order in which they may be left out when
    AWS's packed size would not hold them all. `unenforced` says that the operator knows that AWS itself does not
    hold people to this mapping (`passthrough`).
    """

    arn: RoleArn
    label: str
    method: Method
    provider_arn: ProviderArn | None = None
    max_seconds: int = 3_600
    console: bool = True
    cli: bool = True
    region: str = "us-east-1"
    require_mfa: bool = False
    fresh_minutes: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: tuple[str, ...] = ()
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    assertion: Assertion = Assertion.MINTED
    unenforced: bool = False
    mfa_serial: str = ""
    shorten: tuple[str, ...] = ()
    identity_pool: str = ""  # cognito: REGION:UUID
    pool_login: str = ""  # cognito: the developer provider's name; empty: a token of the gateway's OIDC issuer
    sensitive: bool = False  # two people must agree before who gets it, or how, is changed
    visible: bool = False  # who does not have it may learn that it exists, and which groups give it

    @property
    def needs(self) -> Needs:
        """How somebody must have signed in to have it."""
        age = None if self.fresh_minutes is None else timedelta(minutes=self.fresh_minutes)
        return Needs(self.require_mfa, age)
