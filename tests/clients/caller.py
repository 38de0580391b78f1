"""A developer's script: asks AWS who it is, and knows nothing of fedgate. Its profile comes from the environment."""

from __future__ import annotations

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

try:
    sys.stdout.write(boto3.client("sts").get_caller_identity()["Arn"] + "\n")
except (BotoCoreError, ClientError) as error:
    sys.exit(str(error))
