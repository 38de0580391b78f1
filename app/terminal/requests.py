"""An authorization request of the CLI, parsed. What does not parse never gets a redirect: the address to
redirect to is part of what was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.errors import InvalidRequest

CLIENT_ID = "fedgate-cli"
# RFC 8252 sections 7.3 and 8.3: the loopback literal (a name could be pointed elsewhere), any port, our one path.
# IPv4 only: a Content-Security-Policy cannot name an IPv6 address, and the answer's redirect must pass form-action.
_REDIRECT_URI = re.compile(r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})/callback")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_BEGIN_AGAIN = "Run `fedgate login` again."


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    redirect_uri: str
    state: str
    code_challenge: str
    device: str  # the terminal's own name for itself: shown to the person, never trusted

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> AuthorizationRequest:
        """Raises InvalidRequest."""
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            raise InvalidRequest(f"This is not a request of the fedgate CLI. {_BEGIN_AGAIN}", reason="oauth.client")
        redirect_uri = query.get("redirect_uri", "")
        found = _REDIRECT_URI.fullmatch(redirect_uri)
        if found is None or int(found["port"]) > 65535:
            sentence = f"The terminal's address is not a loopback one. {_BEGIN_AGAIN}"
            raise InvalidRequest(sentence, reason="oauth.redirect")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            raise InvalidRequest(f"The request has no PKCE challenge (S256). {_BEGIN_AGAIN}", reason="oauth.pkce")
        state = query.get("state", "")
        if not 8 <= len(state) <= 512 or not state.isascii():
            raise InvalidRequest(f"The request has no usable state. {_BEGIN_AGAIN}", reason="oauth.state")
        device = "".join(c for c in query.get("device_name", "")[:64] if c.isprintable())
        return cls(redirect_uri, state, query["code_challenge"], device)

    def answer(self, issuer: str, **values: str) -> str:
        """The loopback address with our answer, which always says who answers (RFC 9207)."""
        return f"{self.redirect_uri}?{urlencode({**values, 'state': self.state, 'iss': issuer})}"

    def fields(self) -> dict[str, str]:
        """To carry the request through the page; it is parsed again on the way back."""
        return {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
            "device_name": self.device,
        }
