"""What a command finds in its environment: one source of AWS credentials, and no other that would win over it.

Settings that are no credentials stay: the region, the two files, endpoints, retries, private CAs, proxies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

EXEC = "FEDGATE_EXEC"  # in which role a command runs; tells a prompt, and a second `exec`
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")  # SDKs read the first, botocore the second
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
LOAD_CONFIG = "AWS_SDK_LOAD_CONFIG"
URI, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105  # a variable's name
# AWS SDKs and Tools Reference Guide, "Environment variables support"; the older names from boto 2 and SDKs for Java.
SHADOWS = (
    *KEYS,
    *PROFILE,
    *("AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_CREDENTIAL_FILE"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *(URI, TOKEN, TOKEN_FILE, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
)


class Setting(NamedTuple):
    """Variables that are to be set, and those that must not be there beside them."""

    values: dict[str, str]
    gone: tuple[str, ...]

    def applied(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**{name: environment[name] for name in environment if name not in self.gone}, **self.values}


def for_profile(name: str, region: str) -> Setting:
    """Programs then fetch credentials themselves, as often as they need them. Older SDKs for Go and JavaScript read
    `~/.aws/config` only when AWS_SDK_LOAD_CONFIG says so."""
    return only({"AWS_PROFILE": name, LOAD_CONFIG: "1"}, region)


def for_keys(line: str, region: str) -> Setting:
    """`line` is what `credential-process` prints."""
    found = json.loads(line)
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    return only({KEYS[place]: found[name] for place, name in enumerate(names)}, region)


def for_endpoint(uri: str, token: str, region: str) -> Setting:
    return only({URI: uri, TOKEN: token}, region)


def only(values: dict[str, str], region: str) -> Setting:
    together = {**values, **(dict.fromkeys(REGION, region) if region else {})}
    return Setting(together, tuple(name for name in SHADOWS if name not in together))
