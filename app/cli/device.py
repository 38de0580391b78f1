"""Signing in where no browser can come back to: a code is shown here and typed into a page elsewhere (RFC 8628).

    begin ► show the page's address and the code ► ask every few seconds ► tokens

The tokens go only to who began: each question carries the PKCE verifier, so the device code alone is worth nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from . import address, oauth, output
from .failures import DENIED, SIGN_IN, UNEXPECTED, UNREACHABLE, USAGE, Failure, printable
from .wire import Answer, Wire

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
USUAL, SLOWER, SLOWEST = 5.0, 5.0, 60.0  # seconds between two questions, RFC 8628 sections 3.2 and 3.5
AGAIN = "login --device"


class Begun(NamedTuple):
    """`expires` and `interval` are in seconds from now on. Silent `repr`."""

    device_code: str
    user_code: str
    page: str
    page_with_code: str
    expires: float
    interval: float

    def __repr__(self) -> str:
        return "Begun(...)"


def tokens(
    wire: Wire,
    metadata: oauth.Metadata,
    asked: dict[str, str],
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
) -> oauth.Tokens:
    """Shows the code and waits, for `patience` seconds at most. Exit codes 2 (not offered), 4 (nobody answered),
    5 (declined)."""
    if not metadata.device:
        raise Failure(USAGE, f"{wire.gateway} does not sign in by a code", run="login --no-device")
    verifier = secrets.token_urlsafe(48)
    begun = read(wire, wire.post_form(metadata.device, {**oauth.about_us(verifier), **asked}))
    wait = min(patience, begun.expires)
    show(begun, wait)
    return waited(wire, metadata, begun, verifier, wait, sleep)


def read(wire: Wire, answer: Answer) -> Begun:
    if answer.status != 200:
        raise oauth.token_failure(answer)
    found = answer.json()
    page = found.get("verification_uri")
    secret, code = found.get("device_code"), found.get("user_code")
    usable = (
        isinstance(secret, str) and oauth.TOKEN.fullmatch(secret) and isinstance(code, str) and 1 <= len(code) <= 32
    )
    # The page's address is shown to be opened: it must be this gateway's, whatever the answer says.
    if not usable or not isinstance(page, str) or address.origin(page) != wire.gateway or not plain(page):
        raise Failure(UNEXPECTED, "the gateway's code cannot be used", run=AGAIN)
    whole = found.get("verification_uri_complete")
    whole = whole if isinstance(whole, str) and address.origin(whole) == wire.gateway and plain(whole) else ""
    return Begun(str(secret), printable(str(code)), page, whole, seconds(found, "expires_in", 300.0), pace(found))


def plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def pace(found: dict[str, Any]) -> float:
    return min(max(seconds(found, "interval", USUAL), 1.0), SLOWEST)


def seconds(found: dict[str, Any], name: str, usual: float) -> float:
    value = found.get(name)
    return float(value) if type(value) is int and 0 < value <= 3600 else usual


def show(begun: Begun, wait: float) -> None:
    output.tell("In a browser, on any of your devices, open")
    output.tell(f"\n  {begun.page}\n\nand type this code:\n\n  {begun.user_code}\n")
    if begun.page_with_code:
        output.tell(f"Or open this, which fills it in:\n\n  {begun.page_with_code}\n")
    output.tell("Give the code to nobody: whoever types it signs this terminal in as themselves.")
    output.tell(f"Waiting up to {output.length(wait)}. Ctrl-C stops.")


def waited(
    wire: Wire,
    metadata: oauth.Metadata,
    begun: Begun,
    verifier: str,
    wait: float,
    sleep: Callable[[float], None],
) -> oauth.Tokens:
    fields = {"grant_type": GRANT, "device_code": begun.device_code, "code_verifier": verifier}
    interval, end = begun.interval, time.monotonic() + wait
    while time.monotonic() < end:
        sleep(min(interval, max(end - time.monotonic(), 0.0)))
        answer = asked_again(wire, metadata, fields)
        if answer is None:
            interval = min(interval * 2, SLOWEST)  # RFC 8628 section 3.5: a gateway that is away is asked less often
            continue
        error = (answer.object_or_none() or {}).get("error") if answer.status == 400 else None
        if error == "slow_down":
            interval = min(interval + SLOWER, SLOWEST)
        elif error != "authorization_pending":
            return ended(answer, error)
    raise Failure(SIGN_IN, f"nobody answered within {output.length(wait)}", run=AGAIN)


def asked_again(wire: Wire, metadata: oauth.Metadata, fields: dict[str, str]) -> Answer | None:
    """None while the gateway cannot answer: a restart in these minutes need not cost the code."""
    try:
        answer = wire.post_form(metadata.token, {**fields, "client_id": oauth.CLIENT})
    except Failure as failure:
        if failure.code == UNREACHABLE:
            return None
        raise
    return None if answer.status in (429, 502, 503, 504) else answer


def ended(answer: Answer, error: object) -> oauth.Tokens:
    if error == "access_denied":
        raise Failure(DENIED, "the sign-in was declined", run=AGAIN)
    if error == "expired_token":
        raise Failure(SIGN_IN, "the code has expired before somebody agreed", run=AGAIN)
    try:
        return oauth.tokens(answer, time.time)
    except Failure as failure:
        failure.run = AGAIN
        raise
