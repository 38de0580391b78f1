"""`aws login` on the wire, by hand."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from tests.native.desk import Wire
from tests.native.login_prompt import pick
from tests.native.proofs import TerminalKey
from tests.office import page_of
from tests.servers.browser import Browser, Stopped
from tests.world import DEVELOPER

SAME, CROSS = "arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"
BACK = "http://127.0.0.1:40706/oauth/callback"


@dataclass(frozen=True, slots=True)
class Login:
    """One `aws login`, by hand."""

    wire: Wire
    key: TerminalKey = field(default_factory=TerminalKey)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    state: str = "0cf1c9c2-9d2b-4f4e-9d0c-b5a3a2a7d9e1"

    def wish(self, **changes: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        found = {
            "response_type": "code",
            "client_id": SAME,
            "state": self.state,
            "code_challenge_method": "SHA-256",
            "scope": "openid",
            "redirect_uri": BACK,
            "code_challenge": challenge,
        }
        return f"{self.wire.url}/v1/authorize?{urlencode({**found, **changes})}"

    def code(self, browser: Browser, role: str = DEVELOPER, **changes: str) -> str:
        found = self.answer(browser, role, **changes)
        assert found.query["state"] == self.state
        return found.query["code"]

    def answer(self, browser: Browser, role: str, answer: str = "yes", **changes: str) -> Stopped:
        """What comes back to the loopback address."""
        page = page_of(browser.open(self.wish(**changes)))
        until, browser.until = browser.until, BACK
        found = pick(browser, page, role, answer)
        browser.until = until
        assert isinstance(found, Stopped), f"the answer led nowhere: {found.status_code}"
        return found

    def ask(self, *, key: TerminalKey | None = None, proof: str = "", **body: str) -> requests.Response:
        proof = proof or (key or self.key).proof(f"{self.wire.url}/v1/token")
        return self.wire.post("/v1/token", {"clientId": SAME, **body}, DPoP=proof)

    def redeem(self, code: str, *, key: TerminalKey | None = None, **changes: str) -> requests.Response:
        body = {"grantType": "authorization_code", "code": code, "codeVerifier": self.verifier, "redirectUri": BACK}
        return self.ask(key=key, **{**body, **changes})

    def refresh(self, token: str, *, key: TerminalKey | None = None, proof: str = "") -> requests.Response:
        return self.ask(key=key, proof=proof, grantType="refresh_token", refreshToken=token)

    def keys(self, browser: Browser, role: str = DEVELOPER) -> dict[str, Any]:
        found = self.redeem(self.code(browser, role))
        assert found.status_code == 200, found.text
        return dict(found.json())


def refused(answer: requests.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("x-amzn-ErrorType", ""), str(answer.json().get("error"))


NO_CODE = (400, "AccessDeniedException", "AUTHCODE_EXPIRED")
ENDED = (400, "AccessDeniedException", "TOKEN_EXPIRED")
NO_PROOF = (400, "ValidationException", "INVALID_REQUEST")
