"""Signing a terminal in without the CLI: the same requests, by hand."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from bs4 import BeautifulSoup

from tests.servers.browser import Browser

_REDIRECT = "http://127.0.0.1:9/callback"  # nobody listens at the discard port; the browser stops before it


def sign_in_terminal(url: str, browser: Browser) -> dict[str, Any]:
    """The tokens of a new terminal session of the person whose browser is signed in at the gateway `url`."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    wanted = {
        "client_id": "fedgate-cli",
        "response_type": "code",
        "redirect_uri": _REDIRECT,
        "state": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "device_name": "a test",
    }
    page = browser.http.get(f"{url}/oauth/authorize", params=wanted, timeout=60)
    form = BeautifulSoup(page.text, "html.parser").select_one('form[action="/oauth/authorize"]')
    assert form is not None, page.text[:500]
    fields = {str(tag["name"]): str(tag.get("value", "")) for tag in form.find_all("input")}
    answer = browser.http.post(
        f"{url}/oauth/authorize", data={**fields, "answer": "yes"}, allow_redirects=False, timeout=60
    )
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == [wanted["state"]]
    grant = {
        "grant_type": "authorization_code",
        "client_id": "fedgate-cli",
        "code": query["code"][0],
        "redirect_uri": _REDIRECT,
        "code_verifier": verifier,
    }
    with requests.Session() as http:
        http.trust_env = False
        tokens = http.post(f"{url}/oauth/token", data=grant, timeout=60)
        tokens.raise_for_status()
        return dict(tokens.json())
