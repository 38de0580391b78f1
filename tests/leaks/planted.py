"""The book of secrets: everything that must be found nowhere, from the first test of the run to the last.

    PLANTED.plant("client secret", text)       whoever makes or receives a secret
    browser.http.hooks["response"] = [PLANTED.saw]   reads along what a scripted browser sends and gets
    PLANTED.watch(gateway.url, folder, redis_url)    where it would show, should it leak

The one global of the tests, because it must outlive every fixture: `test_nothing_leaked.py` reads it at the end.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

STRONG = 20  # characters that a code, key or token has at least
_FEW_LETTERS = 4
SHORTEST = 8  # characters; shorter ones stand in honest text by accident
_PARAMETERS = {
    "SAMLResponse": "SAML response",
    "SigninToken": "console token",
    "code": "authorization code",
    "code_verifier": "code verifier",
    "refresh_token": "refresh token",
    "state": "state",
    "ticket": "ticket",
    "token": "revoked token",
    "password": "password",
    "csrf": "form token",
}
_IN_JSON = {
    "access_token": "access token",
    "refresh_token": "refresh token",
    "id_token": "ID token",
    "SecretAccessKey": "secret key",
    "SessionToken": "session token",
    "secret_access_key": "secret key",
    "secret": "secret key",
    "token": "session token",
    # as AWS's own protocols and the files of its tools write them
    "accessToken": "access token",
    "refreshToken": "refresh token",
    "secretAccessKey": "secret key",
    "sessionToken": "session token",
    "Token": "session token",
    "deviceCode": "device code",
    "clientSecret": "registration",
}
_MEMBER = re.compile(rf'"(?P<name>{"|".join(_IN_JSON)})"\s*:\s*"(?P<value>[^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Page:
    """What a gateway answered, for people or programs, when it refused or failed. No query in the address."""

    address: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Watched:
    """A gateway: `folder` holds its log and its journal."""

    url: str
    folder: Path
    redis_url: str


class Planted:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: dict[str, str] = {}
        self._pages: list[Page] = []
        self._watched: dict[str, Watched] = {}

    def plant(self, kind: str, *secrets: str) -> None:
        with self._lock:
            self._secrets |= {secret: kind for secret in secrets if len(secret) >= SHORTEST}

    def plant_json(self, text: str) -> None:
        """Tokens and keys in JSON: an answer's body, a file of the CLI, the books of the local AWS."""
        for found in _MEMBER.finditer(text):
            self.plant(_IN_JSON[found["name"]], *_strong([found["value"]], "JSON"))

    def plant_key(self, pem: str) -> None:
        """Every line of a private key; its certificate is public."""
        private = re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", pem, re.DOTALL)
        self.plant("private key", *(private[1].split() if private else []))

    def watch(self, url: str, folder: Path, redis_url: str) -> None:
        with self._lock:
            self._watched[url] = Watched(url, folder, redis_url)

    def saw(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        """A hook of `requests`: what went over the wire, in both directions."""
        asked = answer.request
        self._parameters(urlsplit(str(asked.url)).query)
        if "form-urlencoded" in asked.headers.get("Content-Type", ""):
            body = asked.body or ""
            self._parameters(body.decode("ascii", "replace") if isinstance(body, bytes) else body)
        self._parameters(urlsplit(answer.headers.get("Location", "")).query)
        for cookie in answer.cookies:
            if cookie.name.endswith("fedgate-last"):
                continue  # the id of a provider, which is no secret and stands everywhere
            self.plant(f"cookie {cookie.name}", cookie.value or "")
        if "json" in answer.headers.get("Content-Type", "") and answer.status_code < 400:
            self.plant_json(answer.text)
        self._keep(answer)

    def secrets(self) -> Mapping[str, str]:
        """By text: what it is."""
        with self._lock:
            return dict(self._secrets)

    def pages(self) -> list[Page]:
        with self._lock:
            return list(self._pages)

    def not_for_pages(self) -> Mapping[str, str]:
        """What no page may show. The form token stands in the sign-out form of each page of one's own."""
        return {secret: kind for secret, kind in self.secrets().items() if kind != "form token"}

    def watched(self) -> list[Watched]:
        with self._lock:
            return list(self._watched.values())

    def _parameters(self, query: str) -> None:
        for name, kind in _PARAMETERS.items():
            self.plant(kind, *_strong(parse_qs(query).get(name, []), kind))

    def _keep(self, answer: requests.Response) -> None:
        ours = any(answer.url.startswith(f"{url}/") for url in self._watched)
        if ours and answer.status_code >= 400:
            address, _, query = answer.url.partition("?")
            body = answer.content
            if address.endswith("/authorize"):
                # the page asks to sign in and leads back to this very address: its `state` belongs to who asks
                for own in parse_qs(query).get("state", []):
                    body = body.replace(own.encode(), b"[own state]")
            with self._lock:
                self._pages.append(Page(address, answer.status_code, body))


def _strong(values: list[str], kind: str) -> Iterator[str]:
    """Tests also send words such as `not-a-code`, which may well stand in a sentence, and one letter many times."""
    for value in values:
        if kind == "password" or (len(value) >= STRONG and len(set(value)) > _FEW_LETTERS):
            yield value


PLANTED = Planted()
