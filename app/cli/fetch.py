"""Credentials from the gateway, checked and put into the one form in which all AWS tools can read them."""

from __future__ import annotations

import calendar
import json
import re
import time
from typing import Any

from . import profile_map
from .cached import Cached
from .deadline import Deadline
from .failures import UNEXPECTED, Failure
from .gateway import Gateway
from .problems import MFA
from .selection import Selection
from .sign_in import SignIn

# Only this form: offsets broke Java, fluent-bit and Julia clients, a missing zone breaks botocore.
ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ORDER = ("Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId")


def credentials(chosen: Selection, who: SignIn, deadline: Deadline | None = None, code: str = "") -> Cached:
    """Asks the gateway once. The answer belongs to `who`, also when somebody else signs in meanwhile."""
    gateway = Gateway(
        chosen.gateway,
        chosen.ca_bundle,
        max_wait=chosen.max_wait,
        login=chosen.login,
        who=who.id,
        deadline=deadline,
    )
    asked = time.time()
    try:
        answer = gateway.credentials(chosen.role, code)
    except Failure as failure:
        raise with_its_role(failure, chosen) from None
    return Cached(who.id, asked, expiry(answer), chosen.role, as_line(answer, chosen.role))


def with_its_role(failure: Failure, chosen: Selection) -> Failure:
    """`fedgate mfa` needs to be told for which role."""
    if failure.run == MFA:
        known = (one.name for one in profile_map.load() if (one.role, one.gateway) == (chosen.role, chosen.gateway))
        failure.run = f"{MFA} {next(known, chosen.role)}"
        failure.goes_on = True
    return failure


def expiry(answer: dict[str, Any]) -> int:
    """Unix seconds."""
    text = answer.get("Expiration")
    try:
        if isinstance(text, str) and ZULU.fullmatch(text):
            return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        pass
    raise Failure(UNEXPECTED, "the gateway's answer says no usable time of expiry")


def as_line(answer: dict[str, Any], role: str) -> str:
    """One line of ASCII, keys in AWS's order; `Version` is a number, or the JavaScript SDK refuses it."""
    if answer.get("Version") != 1 or isinstance(answer.get("Version"), bool):
        raise Failure(UNEXPECTED, "the gateway's answer is of another version")
    if not all(isinstance(answer.get(key), str) and answer[key] for key in ORDER[1:]):
        raise Failure(UNEXPECTED, "the gateway's answer lacks a part of the credentials")
    if answer["AccountId"] != role.split(":")[4]:
        raise Failure(UNEXPECTED, "the gateway's answer is for another account")
    return json.dumps({key: answer[key] for key in ORDER}, separators=(",", ":"))
