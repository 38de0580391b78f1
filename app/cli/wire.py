"""One HTTP exchange with the gateway, within limits.

* Redirects are never followed: they could carry a bearer token or a refresh token to another origin.
* A gateway on loopback is never asked through a proxy, which would see the tokens in plain http.
* An answer is cut off at 1 MiB, and everything at a deadline: credentials are wanted in seconds.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit

from . import address, built
from .deadline import PROBE, Deadline
from .failures import UNEXPECTED, UNREACHABLE, USAGE, Failure

LARGEST = 1024 * 1024  # bytes of an answer
PATIENCE = 10.0  # seconds
DEADLINE = 20.0  # seconds for the whole body
LOOK = "doctor" if os.name == "posix" else ""  # Windows has no doctor


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes
    challenge: str = ""  # WWW-Authenticate
    date: str = ""  # Date

    def json(self) -> dict[str, Any]:
        """The object in the body; exit code 1 when there is none."""
        found = self.object_or_none()
        if found is None:
            raise Failure(UNEXPECTED, "the answer is not one of a fedgate gateway; check the address", run="status")
        return found

    def object_or_none(self) -> dict[str, Any] | None:
        if "json" not in self.content_type:
            return None
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Wire:
    """Talks to one gateway only; `ca_bundle` names certificates to trust besides the system's.

    `patience` is in seconds, for one step: connecting, or the next bytes; `deadline` is for all together."""

    def __init__(
        self, gateway: str, ca_bundle: str, patience: float = PATIENCE, deadline: Deadline | None = None
    ) -> None:
        self.gateway = gateway
        self.ca_bundle = ca_bundle
        self.deadline = deadline
        self.patience = patience if deadline is None else deadline.work
        self.opener = opener(gateway, ca_bundle)

    def get(self, path: str, bearer: str = "") -> Answer:
        return self.exchange("GET", self.gateway + path, bearer=bearer)

    def post_json(self, path: str, content: Mapping[str, object], bearer: str) -> Answer:
        body = json.dumps(content).encode()
        return self.exchange("POST", self.gateway + path, body, "application/json", bearer)

    def post_form(self, url: str, fields: Mapping[str, str]) -> Answer:
        return self.exchange("POST", url, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def exchange(self, method: str, url: str, body: bytes | None = None, kind: str = "", bearer: str = "") -> Answer:
        """Raises exit code 3 when the gateway cannot be reached or answers with a redirect."""
        headers = {"Accept": "application/json", "User-Agent": f"fedgate-cli/{built.VERSION}"}
        headers.update({"Content-Type": kind} if kind else {})
        headers.update({"Authorization": f"Bearer {bearer}"} if bearer else {})
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            answer = self.answered(request)
        except (OSError, http.client.HTTPException) as problem:
            sentence = f"cannot reach {self.gateway} ({cause(problem)}); try again"
            raise Failure(UNREACHABLE, sentence, run=LOOK) from None
        if 300 <= answer.status < 400:
            raise Failure(UNREACHABLE, f"{self.gateway} answers with a redirect; is this the gateway's own address?")
        return answer

    def answered(self, request: urllib.request.Request) -> Answer:
        if self.deadline is None:
            return self.asked(request)
        found: Answer = self.deadline.kept(lambda: self.asked(request), self.is_alive)
        return found

    def asked(self, request: urllib.request.Request) -> Answer:
        try:
            return self.once(request)
        except URLError as problem:
            if not isinstance(problem.reason, ssl.SSLCertVerificationError):
                raise
            # Nothing was sent yet. Perhaps the system keeps this certificate where nobody finds it by its name.
            self.opener = opener(self.gateway, self.ca_bundle, all_of_them=True)
            return self.once(request)

    def once(self, request: urllib.request.Request) -> Answer:
        with self.opener.open(request, timeout=self.patience) as response:
            heads = response.headers
            more = (heads.get("WWW-Authenticate", ""), heads.get("Date", ""))
            return Answer(response.status, heads.get_content_type(), whole(response), *more)

    def is_alive(self) -> bool:
        """Whether a gateway that is silent answers something else, to the end: then it is at work, and not gone. On a
        line that lets a byte through now and then, it is not the gateway that takes so long."""
        with self.opener.open(self.gateway + "/healthz", timeout=PROBE) as response:
            return bool(whole(response) and response.status < 500)


def opener(gateway: str, ca_bundle: str, *, all_of_them: bool = False) -> urllib.request.OpenerDirector:
    """Only what is needed: no redirects, no files, no FTP, no passwords from the environment."""
    made = urllib.request.OpenerDirector()
    host = urlsplit(gateway).hostname or ""
    made.add_handler(urllib.request.ProxyHandler({} if address.is_loopback(host) else None))
    made.add_handler(urllib.request.HTTPHandler())
    if gateway.startswith("https:"):
        made.add_handler(urllib.request.HTTPSHandler(context=trust(ca_bundle, all_of_them)))
    return made


def trust(ca_bundle: str, all_of_them: bool) -> ssl.SSLContext:
    """Where the system keeps its certificates in a directory by their hashes, OpenSSL reads the one that it needs;
    reading all of them takes longer than the rest of `credential-process` together."""
    hashed = "" if all_of_them else hashed_directory()
    try:
        context = ssl.create_default_context(capath=hashed or None)
        if ca_bundle:
            context.load_verify_locations(cafile=ca_bundle)
    except (OSError, ssl.SSLError):
        places = "--ca-bundle, AWS_CA_BUNDLE or one like it, or what fedgate remembers"
        sentence = f"{ca_bundle} cannot be read as a file of certificates (PEM); correct {places}"
        raise Failure(USAGE, sentence, run="configure --ca-bundle FILE") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def hashed_directory() -> str:
    """OpenSSL's own choice of directory, if its names are hashes (`openssl rehash`); else empty."""
    found = ssl.get_default_verify_paths().capath or ""
    try:
        names = os.listdir(found) if found else []
    except OSError:
        return ""
    return found if any(len(name) == 10 and name.endswith(".0") for name in names) else ""


def whole(response: http.client.HTTPResponse) -> bytes:
    """Piece by piece, because a gateway that sends one byte a second never runs into the timeout of one step."""
    end = time.monotonic() + DEADLINE
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(65536):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise http.client.HTTPException("answer too large")
        if time.monotonic() > end:
            raise TimeoutError("timed out")
    return b"".join(pieces)


def cause(problem: BaseException) -> str:
    """A few words for people."""
    inner = problem.reason if isinstance(problem, URLError) else problem
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {inner.verify_message}"
    if isinstance(inner, TimeoutError) or "timed out" in str(inner):
        return "timed out"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return str(inner)[:80] or type(inner).__name__
