"""Managed policies by ARN: customers' own, and the few of AWS's that people use - these by meaning, not to the byte."""

from __future__ import annotations

import json

from app.local.aws.refusals import malformed_policy
from app.local.aws.world import World


def _allow(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


EVERYTHING = _allow("*")
_POLICIES = {
    "AdministratorAccess": EVERYTHING,
    "ReadOnlyAccess": _allow("s3:Get*", "s3:List*", "iam:Get*", "iam:List*", "sts:GetCallerIdentity"),
    "AmazonS3FullAccess": _allow("s3:*"),
    "AmazonS3ReadOnlyAccess": _allow("s3:Get*", "s3:List*"),
}


def text_of(arn: str, world: World, partition: str, account: str) -> str | None:
    """None for a policy that does not exist, or belongs to another account."""
    prefix = f"arn:{partition}:iam::aws:policy/"
    if arn.startswith(prefix):
        return _POLICIES.get(arn.removeprefix(prefix))
    own = world.policies.get(arn)
    return own.document if own is not None and own.account == account else None


def session_policy(arn: str, world: World, partition: str, account: str) -> str:
    """For `PolicyArns`, which must name policies of the role's (or user's) account.

    Raises MalformedPolicyDocument for a policy that does not exist [the code is our assumption].
    """
    text = text_of(arn, world, partition, account)
    if text is None:
        raise malformed_policy(f"Policy {arn} does not exist or is not attachable.")
    return text
