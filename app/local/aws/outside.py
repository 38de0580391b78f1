"""The internet as this AWS sees it: a few https issuers, each played by a loopback address.

`--resolve https://id.example.test=http://127.0.0.1:8080` stands in for DNS and TLS. The issuer keeps its
https name everywhere; only the socket goes elsewhere, with the path kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from app.local.aws.refusals import Refusal, bad_token

MAX_DOCUMENT = 512 * 1024
TIMEOUT_SECONDS = 3.0
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider, please reference "
    "AssumeRoleWithWebIdentity documentation for requirements"
)


@dataclass(frozen=True, slots=True)
class Outside:
    """`names` maps an https origin to a loopback origin."""

    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, place in self.names.items():
            if urlsplit(name).scheme != "https" or urlsplit(name).path or urlsplit(name).port is not None:
                raise ValueError(f"expected an origin such as https://id.example.test, got {name!r}")
            if urlsplit(place).hostname not in ("127.0.0.1", "::1", "localhost"):
                raise ValueError(f"{name} must be played by a loopback address, not {place!r}")

    def document(self, url: str) -> dict[str, Any]:
        """A JSON object. Raises InvalidIdentityToken for what it says, IDPCommunicationError for silence.

        Which of the two AWS answers for a 5xx is not known; silence and 5xx are taken as transient.
        """
        response = self._get(self._placed(url))
        if response.status >= 500:
            raise _no_answer()
        if response.status != 200:
            raise bad_token(NO_KEY)
        try:
            found = json.loads(response.data)
        except ValueError:
            raise bad_token(NO_KEY) from None
        if not isinstance(found, dict):
            raise bad_token(NO_KEY)
        return found

    def _placed(self, url: str) -> str:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme != "https" or origin not in self.names:
            raise bad_token(NO_KEY)
        return self.names[origin].rstrip("/") + parts.path

    def _get(self, place: str) -> _Reply:
        pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=TIMEOUT_SECONDS))
        try:
            response = pool.request("GET", place, preload_content=False, redirect=False)
            data = response.read(MAX_DOCUMENT + 1)
        except urllib3.exceptions.HTTPError:
            raise _no_answer() from None
        finally:
            pool.clear()
        if len(data) > MAX_DOCUMENT:
            raise bad_token(NO_KEY)
        return _Reply(response.status, data)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    data: bytes


def _no_answer() -> Refusal:
    return Refusal("IDPCommunicationError", "The identity provider could not be reached.")
