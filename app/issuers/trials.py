"""AssumeRole as a question: would AWS give this role out to a call like this? What it gives is thrown away.

The session that a trial gets may do nothing at all: its session policy denies everything, because a trial that
succeeds where it should not must not leave working credentials for somebody's account in this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from app.core.roles import MIN_SESSION_SECONDS, Base, RoleArn
from app.issuers.aws import Aws
from app.issuers.refusals import told
from app.issuers.regions import asked_regions

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

# No person's: those end in sixteen characters of a fingerprint (`core.names`).
SESSION_NAME = "fedgate-trial"
_NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


@dataclass(frozen=True, slots=True)
class Attempt:
    """`external_id` empty: none is sent. `base` and `fallback_region` are the account's."""

    role: RoleArn
    region: str
    external_id: str = ""
    source_identity: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: tuple[str, ...] = ()
    base: Base = field(default_factory=Base)
    fallback_region: str = ""


class Tries(Protocol):
    def attempt(self, attempt: Attempt) -> None:
        """Returns if AWS gave the role out. Raises AwsRefused or AwsUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class RoleTrials:
    aws: Aws

    def attempt(self, attempt: Attempt) -> None:
        regions = asked_regions(attempt.region, attempt.fallback_region)
        with told():
            self.aws.signed(
                "sts", regions, attempt.base, lambda sts: sts.assume_role(**_parameters(attempt)), self.aws.until()
            )


def _parameters(attempt: Attempt) -> AssumeRoleRequestTypeDef:
    """A parameter that is not needed is left out: AWS takes no empty ones."""
    parameters: AssumeRoleRequestTypeDef = {
        "RoleArn": attempt.role,
        "RoleSessionName": SESSION_NAME,
        "DurationSeconds": MIN_SESSION_SECONDS,
        "Policy": _NOTHING,
    }
    if attempt.external_id:
        parameters["ExternalId"] = attempt.external_id
    if attempt.source_identity:
        parameters["SourceIdentity"] = attempt.source_identity
    if attempt.tags:
        parameters["Tags"] = [{"Key": name, "Value": value} for name, value in attempt.tags.items()]
        if attempt.transitive_tags:
            parameters["TransitiveTagKeys"] = list(attempt.transitive_tags)
    return parameters
