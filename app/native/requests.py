"""What `aws sso login` asks the browser for, parsed (RFC 6749 section 4.1.1, with the names of AWS's CLI).

What does not parse never gets a redirect: the address to redirect to is part of what was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import InvalidRequest
from app.grants.requests import AuthorizationRequest
from app.native.clients import client_of
from app.sessions.session import AWS_TOOLS

_REDIRECT_URI = re.compile(r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})/oauth/callback", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_STATE = re.compile(r"[!-~]{8,512}", re.ASCII)
_BEGIN_AGAIN = "Run `aws sso login` again."


@dataclass(frozen=True, slots=True)
class Asked:
    """`wanted` is what `grants` knows."""

    wanted: AuthorizationRequest

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Asked:
        """Raises InvalidRequest."""
        client_id = query.get("client_id", "")
        client = client_of(client_id)
        if client is None or query.get("response_type") != "code":
            raise InvalidRequest(f"This is not a request of an AWS tool. {_BEGIN_AGAIN}", reason="native.client")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            raise InvalidRequest(f"The request has no PKCE challenge (S256). {_BEGIN_AGAIN}", reason="native.pkce")
        redirect_uri = query.get("redirect_uri", "")
        found = _REDIRECT_URI.fullmatch(redirect_uri)
        if found is None or int(found["port"]) > 65535 or not client.redirects:
            sentence = f"The terminal's address is not a loopback one, or was not registered. {_BEGIN_AGAIN}"
            raise InvalidRequest(sentence, reason="native.redirect")
        state = query.get("state", "")
        if not _STATE.fullmatch(state):
            raise InvalidRequest(f"The request has no usable state. {_BEGIN_AGAIN}", reason="native.state")
        challenge = query["code_challenge"]
        return cls(
            AuthorizationRequest(redirect_uri, state, challenge, client.label, client=AWS_TOOLS, client_id=client_id)
        )

    def fields(self) -> dict[str, str]:
        """To carry the request through the page; it is parsed again on the way back."""
        return {
            "client_id": self.wanted.client_id,
            "response_type": "code",
            "redirect_uri": self.wanted.redirect_uri,
            "state": self.wanted.state,
            "code_challenge": self.wanted.code_challenge,
            "code_challenge_method": "S256",
        }
