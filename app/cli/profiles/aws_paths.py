"""Where AWS tools keep their files. (AWS SDKs and Tools Reference Guide, "Location of the shared files".)"""

from __future__ import annotations

import os


def config(typed: str = "") -> str:
    return os.path.expanduser(typed or os.environ.get("AWS_CONFIG_FILE", "") or "~/.aws/config")


def credentials() -> str:
    return os.path.expanduser(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "") or "~/.aws/credentials")


def models() -> str:
    """botocore looks here before it looks into its own data; no variable moves it."""
    return os.path.expanduser("~/.aws/models")
