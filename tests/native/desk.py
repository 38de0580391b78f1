"""What an AWS tool says on the wire, by hand; and boto3, which says it by itself."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import boto3
import requests
from botocore import UNSIGNED
from botocore.config import Config
from bs4 import BeautifulSoup

from tests.leaks.planted import PLANTED
from tests.office import Office, page_of
from tests.servers.browser import Browser, Stopped

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CALLBACK = "http://127.0.0.1/oauth/callback"
TOOL_HEADER = "x-amz-sso_bearer_token"


@dataclass(frozen=True, slots=True)
class Wire:
    """Plain HTTP to one gateway."""

    url: str
    http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.hooks["response"] = [PLANTED.saw]

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.http.post(f"{self.url}{path}", json=body, headers=headers, timeout=60)

    def get(self, path: str, token: str = "", **query: str) -> requests.Response:
        headers = {TOOL_HEADER: token} if token else {}
        return self.http.get(f"{self.url}{path}", params=query, headers=headers, timeout=60)

    def register(self, **more: object) -> dict[str, Any]:
        named = {"clientName": "botocore-client-fedgate", "clientType": "public", "scopes": ["sso:account:access"]}
        found = self.post("/client/register", {**named, **more})
        assert found.status_code == 200, found.text
        return dict(found.json())

    def token(self, client: Mapping[str, Any], **body: str) -> requests.Response:
        known = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
        return self.post("/token", {**known, **body})


@dataclass(frozen=True, slots=True)
class Pkce:
    """`aws sso login`, as far as the browser."""

    wire: Wire
    client: Mapping[str, Any]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    back: str = "http://127.0.0.1:40705/oauth/callback"

    @classmethod
    def of(cls, wire: Wire) -> Pkce:
        return cls(wire, wire.register(redirectUris=[CALLBACK], grantTypes=["authorization_code", "refresh_token"]))

    def wish(self, **changes: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        found = {
            "response_type": "code",
            "client_id": self.client["clientId"],
            "redirect_uri": self.back,
            "state": "0cf1c9c2-9d2b-4f4e-9d0c-b5a3a2a7d9e1",
            "code_challenge_method": "S256",
            "scopes": "sso:account:access",
            "code_challenge": challenge,
        }
        return f"{self.wire.url}/authorize?{urlencode({**found, **changes})}"

    def answer(self, browser: Browser, answer: str = "yes") -> Mapping[str, str]:
        """What comes back to the loopback address, after the question was answered."""
        page = page_of(browser.open(self.wish()))
        hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/authorize"] input[type=hidden]')
        form = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden}
        until, browser.until = browser.until, self.back
        found = browser.post(f"{self.wire.url}/authorize", {**form, "answer": answer}, self.wire.url)
        browser.until = until
        assert isinstance(found, Stopped), "the answer led nowhere"
        return found.query

    def redeem(self, code: str, **changes: str) -> requests.Response:
        body = {"grantType": "authorization_code", "code": code, "codeVerifier": self.verifier}
        return self.wire.token(self.client, **{**body, "redirectUri": self.back, **changes})


def sign_in(wire: Wire, browser: Browser) -> dict[str, Any]:
    """The answer of /token for somebody whose browser is signed in."""
    login = Pkce.of(wire)
    found = login.redeem(login.answer(browser)["code"])
    assert found.status_code == 200, found.text
    return dict(found.json())


def portal(url: str) -> Any:
    return boto3.Session(region_name="fedgate-1").client("sso", endpoint_url=url, config=_CONFIG)


def oidc(url: str) -> Any:
    return boto3.Session(region_name="fedgate-1").client("sso-oidc", endpoint_url=url, config=_CONFIG)


_CONFIG = Config(signature_version=UNSIGNED, proxies={}, retries={"max_attempts": 1})


def device_page(office: Office, browser: Browser, address: str, answer: str) -> requests.Response:
    """Open the address that the CLI opens; go on; answer. The page at the end."""
    page = page_of(browser.open(address))
    for more in ({}, {"answer": answer}):
        hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/device"] input')
        form = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden}
        page = page_of(browser.post(f"{office.url}/device", {**form, **more}, office.url))
    return page


def milliseconds_from_now(moment: int) -> float:
    return moment - time.time() * 1000
