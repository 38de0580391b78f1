"""Amazon Resource Names: split, checked, made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.local.aws.refusals import invalid

PARTITIONS = ("aws", "aws-us-gov", "aws-cn")
HOME_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,3}-[0-9]")
_IAM = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):(?P<kind>role|user|saml-provider|oidc-provider|policy|mfa)"
    r"/(?P<rest>[\x21-\x7e]+)"
)


@dataclass(frozen=True, slots=True)
class IamArn:
    """`rest` is everything after the kind: path and name, or the URL of an OIDC provider."""

    partition: str
    account: str
    kind: str
    rest: str

    @property
    def name(self) -> str:
        return self.rest.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        head = self.rest.rpartition("/")[0]
        return f"/{head}/" if head else "/"

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:{self.kind}/{self.rest}"


def parse(text: str, kind: str | None = None) -> IamArn | None:
    found = _IAM.fullmatch(text)
    if found is None or found["partition"] not in PARTITIONS or kind not in (None, found["kind"]):
        return None
    return IamArn(found["partition"], found["account"], found["kind"], found["rest"])


def required(text: str, kind: str) -> IamArn:
    """Raises ValidationError with the sentence STS has for an ARN of another kind or shape."""
    found = parse(text, kind)
    if found is None:
        raise invalid(f"{text} is invalid")
    return found


def partition_of(region: str) -> str:
    """The partition by the region's first word, as botocore's `partitions.json` has it."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"


def account_root(partition: str, account: str) -> str:
    return f"arn:{partition}:iam::{account}:root"


def assumed_role(partition: str, account: str, role_name: str, session_name: str) -> str:
    """Without the path of the role (IAM User Guide, "IAM identifiers")."""
    return f"arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}"


def federated_user(partition: str, account: str, name: str) -> str:
    return f"arn:{partition}:sts::{account}:federated-user/{name}"
