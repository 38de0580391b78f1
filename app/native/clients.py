"""Who registered as what. The client id is the statement itself, so nothing is kept and no client is ever forgotten.

AWS's CLI keeps a registration for 90 days in ~/.aws/sso/cache and cannot register anew when it is refused: a gateway
that forgot it (another Redis, other keys, its neighbour with the same start address) would lock that person out until
they find the file and delete it. So the statement is not signed either. A signature would be worth nothing: anybody may
register under any name, and public clients prove nothing by their secret (RFC 6749 section 2.1). What counts is proven
elsewhere: the terminal that began by the PKCE of each grant, the way back by being a loopback address.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFE = timedelta(days=90)  # AWS's own; clients register anew by themselves when it is over
_PREFIX = "fedgate-"
_LONGEST_ID = 400  # characters; ours have 200 at most
_LONGEST_NAME = 64
# The AWS CLI's own redirect address. Registered without a port, asked for with any (RFC 8252, 7.3); toolkits do alike.
_REGISTERED = re.compile(r"http://127\.0\.0\.1(?::[1-9][0-9]{0,4})?/oauth/callback", re.ASCII)
_CLI_NAME = re.compile(r"botocore-client-(?P<session>.+)", re.DOTALL)
# Anybody can register under any name and send the link to the question in which it stands. A name that is a sentence
# ("is up to date. Press the button to go on") would speak there with our voice, so it is not shown.
# Between words stands nothing that a word may have (as `_`): read in two ways each, forty of them took long seconds.
_SHOWN = re.compile(r"(?=.{1,40}\Z)\w+(?:[ .+/-]\w+)*")


@dataclass(frozen=True, slots=True)
class Client:
    """`name` as it calls itself: shown, never trusted. `redirects`: it can be answered on a loopback address."""

    name: str
    redirects: bool

    @property
    def label(self) -> str:
        """What people read in lists: an AWS tool is always told as one, whatever it calls itself."""
        found = _CLI_NAME.fullmatch(self.name)
        program, name = ("AWS tool", self.name) if found is None else ("AWS CLI", found["session"])
        # Without a [sso-session] section the CLI calls itself after the time, in digits.
        says_something = _SHOWN.fullmatch(name) and not (found and name.isdigit())
        return f"{program} ({name})" if says_something else program


@dataclass(frozen=True, slots=True)
class Registered:
    """Times in seconds since 1970. The secret is a device code's PKCE verifier, and so has 43 characters."""

    client_id: str
    client_secret: str = field(repr=False)
    issued_at: int
    expires_at: int


def register(name: str, redirects: bool, now: datetime) -> Registered:
    plain = "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME]
    issued_at = int(now.timestamp())
    statement = json.dumps([plain, redirects, issued_at], separators=(",", ":"), ensure_ascii=False).encode()
    client_id = _PREFIX + base64.urlsafe_b64encode(statement).decode().rstrip("=")
    return Registered(client_id, secrets.token_urlsafe(32), issued_at, issued_at + int(LIFE.total_seconds()))


def client_of(client_id: str) -> Client | None:
    """None for what was not made by `register`, here or at another gateway."""
    if not client_id.startswith(_PREFIX) or len(client_id) > _LONGEST_ID:
        return None
    text = client_id.removeprefix(_PREFIX)
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    match found:
        case [str(name), bool(redirects), int()] if name.isprintable() and len(name) <= _LONGEST_NAME:
            return Client(name, redirects)
        case _:
            return None


def may_redirect_to(address: str) -> bool:
    """Only to the machine on which the person sits: any other address would be handed the code (RFC 8252, 8.3)."""
    return _REGISTERED.fullmatch(address) is not None
