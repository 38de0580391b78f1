"""What boto3 does with a profile, in a process of its own: `python -m app.local.stack.check.caller caller PROFILE`.

A developer's script in miniature: it knows a profile's name and nothing of fedgate. `sign-in` does what `aws sso login
--use-device-code` does: it prints the address to open, and goes on when standard input says that somebody has agreed.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import JSONFileCache

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BY_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_USAGE = "usage: sign-in PROFILE | caller PROFILE | write PROFILE BUCKET KEY TEXT | read PROFILE BUCKET KEY"


def main(words: list[str]) -> int:
    try:
        match words:
            case ["sign-in", profile]:
                _sign_in(botocore.session.Session(profile=profile))
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


def _sign_in(session: botocore.session.Session) -> None:
    """The AWS CLI of PyPI has no `sso login`: this is what the newer one sends, and the file that it keeps."""
    name = session.get_scoped_config()["sso_session"]
    sso = session.full_config["sso_sessions"][name]
    oidc: Any = session.create_client("sso-oidc", sso["sso_region"], config=Config(signature_version=UNSIGNED))
    known = oidc.register_client(clientName="AWS CLI (check)", clientType="public", scopes=["sso:account:access"])
    client = {key: known[key] for key in ("clientId", "clientSecret")}
    begun = oidc.start_device_authorization(startUrl=sso["sso_start_url"], **client)
    print(begun["verificationUriComplete"], flush=True)
    sys.stdin.readline()
    token = oidc.create_token(grantType=_BY_CODE, deviceCode=begun["deviceCode"], **client)
    ends = datetime.now(UTC) + timedelta(seconds=token["expiresIn"])
    kept = {"startUrl": sso["sso_start_url"], "region": sso["sso_region"], "accessToken": token["accessToken"]}
    cache = JSONFileCache(str(Path("~/.aws/sso/cache").expanduser()))
    cache[hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()] = {**kept, "expiresAt": f"{ends:%FT%TZ}"}


def _s3(profile: str) -> S3Client:
    return boto3.Session(profile_name=profile).client("s3", config=Config(s3={"addressing_style": "path"}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
