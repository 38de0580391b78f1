"""config.json: which gateway, and which private CA vouches for it. What is typed wins over the environment,
the environment over the file, and the file over the gateway that served this copy of fedgate."""

from __future__ import annotations

import json
import os
from typing import Any

from . import address, built, places, private_files
from .failures import USAGE, Failure
from .locks import Lock

CA_VARIABLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
WAYS = ("auto", "browser", "device")
WAIT = 10.0  # seconds


def path() -> str:
    return places.config("config.json")


def load() -> dict[str, Any]:
    content = private_files.read(path())
    if content is None:
        return {}
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Failure(USAGE, f"{path()} is not a JSON object", run="configure --gateway URL")
    return found


def text(name: str) -> str:
    value = load().get(name, "")
    if not isinstance(value, str):
        raise Failure(USAGE, f"{path()}: {name} must be a string", run="configure --gateway URL")
    return value


def gateway(typed: str = "") -> str:
    """The address of the gateway to use; exit code 2 when none is known."""
    found = typed or os.environ.get("FEDGATE_GATEWAY", "") or text("gateway") or built.GATEWAY
    if not found:
        raise Failure(USAGE, "no gateway is configured", run="configure --gateway URL")
    return address.parsed(found)


def command_to_sign_in(used: str) -> str:
    """`login`, with the gateway's address where another one is the usual one."""
    try:
        return "login" if gateway() == used else f"login --gateway {used}"
    except Failure:
        return f"login --gateway {used}"


def ca_bundle(typed: str = "") -> str:
    """A file of certificates to trust besides the system's; empty when there is none."""
    return typed or ca_of_the_environment() or text("ca_bundle")


def ca_of_the_environment() -> str:
    named = (os.environ.get(name, "") for name in CA_VARIABLES)
    return next((one for one in named if one), "")


def way_to_sign_in() -> str:
    """How `login` goes about it where nothing that was typed says: `auto`, `browser` or `device`."""
    found = text("login") or "auto"
    if found not in WAYS:
        raise Failure(USAGE, f"{path()}: login must be one of {', '.join(WAYS)}", run="configure --login auto")
    return found


def change(new: dict[str, str]) -> None:
    """Sets some values and keeps the others."""
    with Lock(path(), WAIT):
        together = {**load(), **new}
        private_files.write(path(), (json.dumps(together, indent=2) + "\n").encode())
