"""The few policies that AWS manages and people use as session policies, with their meaning, not their bytes."""

from __future__ import annotations

import json

from app.local.aws.refusals import malformed_policy


def _allow(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


_POLICIES = {
    "AdministratorAccess": _allow("*"),
    "ReadOnlyAccess": _allow("s3:Get*", "s3:List*", "iam:Get*", "iam:List*", "sts:GetCallerIdentity"),
    "AmazonS3FullAccess": _allow("s3:*"),
    "AmazonS3ReadOnlyAccess": _allow("s3:Get*", "s3:List*"),
}


def text_of(arn: str, partition: str) -> str:
    """Raises MalformedPolicyDocument for a policy that does not exist [the code is our assumption]."""
    prefix = f"arn:{partition}:iam::aws:policy/"
    name = arn.removeprefix(prefix)
    if not arn.startswith(prefix) or name not in _POLICIES:
        raise malformed_policy(f"Policy {arn} does not exist or is not attachable.")
    return _POLICIES[name]
