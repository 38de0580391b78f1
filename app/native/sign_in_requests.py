"""What `aws login` asks the browser for, parsed: AWS's own dialect of RFC 6749 section 4.1.1 with PKCE.

Two clients, both of AWS's CLI. The one waits on a loopback address; the other (`--remote`) cannot be reached, and the
person carries the code to it by hand. What does not parse never gets a redirect.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.errors import InvalidRequest

SAME_DEVICE = "arn:aws:signin:::devtools/same-device"
CROSS_DEVICE = "arn:aws:signin:::devtools/cross-device"
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})/oauth/callback", re.ASCII)
_CONFIRMATION = "/v1/sessions/confirmation"  # a name that the CLI makes up; nobody is ever sent there
_BASE64 = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 32 bytes
_STATE = re.compile(r"[!-~]{8,512}", re.ASCII)
_METHODS = ("SHA-256", "S256")  # AWS's name, and that of RFC 7636, for one thing


@dataclass(frozen=True, slots=True)
class LoginRequest:
    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str
    thumbprint: str = ""  # the key that the code is for (`dpop_jkt`, RFC 9449 section 10); the CLI does not say it

    @property
    def elsewhere(self) -> bool:
        """The terminal is where no browser of this person can reach it, perhaps in somebody else's hands."""
        return self.client_id == CROSS_DEVICE

    @classmethod
    def parse(cls, query: Mapping[str, str], base_url: str) -> LoginRequest:
        """Raises InvalidRequest."""
        client, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
        if client not in (SAME_DEVICE, CROSS_DEVICE) or query.get("response_type") != "code":
            raise _not_readable("this is not a request of AWS's CLI", "client")
        if not _may_redirect(client, redirect_uri, base_url):
            raise _not_readable("the terminal's address is not a loopback one", "redirect")
        challenge, state = query.get("code_challenge", ""), query.get("state", "")
        if query.get("code_challenge_method") not in _METHODS or not _BASE64.fullmatch(challenge):
            raise _not_readable("it has no PKCE challenge (SHA-256)", "pkce")
        if not _STATE.fullmatch(state):
            raise _not_readable("it has no usable state", "state")
        thumbprint = query.get("dpop_jkt", "")
        if thumbprint and not _BASE64.fullmatch(thumbprint):
            raise _not_readable("dpop_jkt is not the thumbprint of a key", "dpop_jkt")
        return cls(client, redirect_uri, state, challenge, thumbprint)

    def answer(self, issuer: str, **values: str) -> str:
        """The loopback address with our answer. Only for who waits there (`elsewhere` is false)."""
        assert not self.elsewhere, "nobody listens there"
        return f"{self.redirect_uri}?{urlencode({**values, 'state': self.state, 'iss': issuer})}"

    def to_be_pasted(self, code: str) -> str:
        """What the CLI asks the person for: base64 of `state=...&code=...`."""
        return base64.b64encode(urlencode({"state": self.state, "code": code}).encode()).decode()

    def fields(self) -> dict[str, str]:
        """To carry the request through the page; it is parsed again on the way back."""
        found = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "SHA-256",
        }
        return {**found, "dpop_jkt": self.thumbprint} if self.thumbprint else found


def _may_redirect(client: str, address: str, base_url: str) -> bool:
    if client == CROSS_DEVICE:
        return address == base_url + _CONFIRMATION
    found = _LOOPBACK.fullmatch(address)
    return found is not None and int(found["port"]) <= 65535


def _not_readable(why: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"This link cannot be followed: {why}. Run `aws login` again.", reason=f"login.{reason}")
