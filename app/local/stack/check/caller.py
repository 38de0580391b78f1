"""What boto3 does with a profile, in a process of its own: `python -m app.local.stack.check.caller caller PROFILE`.

A developer's script in miniature: it knows a profile's name and nothing of fedgate.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_USAGE = "usage: caller PROFILE | write PROFILE BUCKET KEY TEXT | read PROFILE BUCKET KEY"


def main(words: list[str]) -> int:
    try:
        match words:
            case ["caller", profile]:
                print(boto3.Session(profile_name=profile).client("sts").get_caller_identity()["Arn"])
            case ["write", profile, bucket, key, text]:
                _s3(profile).put_object(Bucket=bucket, Key=key, Body=text.encode())
            case ["read", profile, bucket, key]:
                print(_s3(profile).get_object(Bucket=bucket, Key=key)["Body"].read().decode())
            case _:
                print(_USAGE, file=sys.stderr)
                return 2
    except (BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _s3(profile: str) -> S3Client:
    return boto3.Session(profile_name=profile).client("s3", config=Config(s3={"addressing_style": "path"}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
