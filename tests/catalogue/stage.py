"""The running gateway that all rows attack, and the providers that they play."""

from __future__ import annotations

import copy
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.catalogue.row import NOTHING_SAID, Outcome, Verdict
from tests.forges.oidc import OidcForge, Twist
from tests.forges.saml import SamlForge
from tests.theft.aging import Opener
from tests.world import Gateway, World

SESSION = "fedgate"  # the cookie, on a gateway without TLS
_REFERENCE = re.compile(r"<code>([A-Z2-9]{4}-[A-Z2-9]{4})</code>")


@dataclass(slots=True)
class Journal:
    """The audit journal, read on from where it was read last."""

    folder: Path
    _events: list[dict[str, Any]] = field(default_factory=list)
    _read: dict[Path, int] = field(default_factory=dict)

    def events(self, **fields: str) -> list[dict[str, Any]]:
        """Those with all of these fields, oldest first."""
        for path in sorted((self.folder / "audit").glob("audit-*.jsonl")):
            with path.open("rb") as lines:
                lines.seek(self._read.get(path, 0))
                self._events += [json.loads(line) for line in lines]
                self._read[path] = lines.tell()
        return [event for event in self._events if all(event.get(name) == value for name, value in fields.items())]


@dataclass(frozen=True, slots=True)
class Person:
    """A browser with its cookies, behind an address of its own: the limits count addresses, and rows are many."""

    http: requests.Session
    address: str

    @property
    def is_signed_in(self) -> bool:
        return any(cookie.name == SESSION and cookie.value for cookie in self.http.cookies)


@dataclass(slots=True)
class Stage:
    """`saml` and `oidc`: the forges, by the id of the provider in the gateway's file."""

    gateway: Gateway
    world: World
    saml: Mapping[str, SamlForge]
    oidc: Mapping[str, OidcForge]
    stranger: rsa.RSAPrivateKey
    journal: Journal
    write: Callable[[str, str], None]  # (provider id, more lines): gateway.toml again, that provider otherwise
    opener: Opener  # for time that passes
    _addresses: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _uniform: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.gateway.url

    def person(self) -> Person:
        browser = requests.Session()
        browser.trust_env = False
        number = next(self._addresses)
        address = f"2001:db8:{number:x}::1"  # for documentation, RFC 3849; of a network of one's own, since limits are
        browser.headers.update({"X-Forwarded-For": address, "Accept": "text/html"})
        return Person(browser, address)

    @contextmanager
    def twisted(self, provider: str) -> Iterator[Twist]:
        """The provider's twist, straightened at the end."""
        forge = self.oidc[provider]
        before, person, keys = forge.twist, dict(forge.person), dict(forge.keys)
        forge.twist = copy.deepcopy(before)
        try:
            yield forge.twist
        finally:
            forge.twist, forge.person, forge.keys, forge.userinfo_claims = before, person, keys, {}

    def outcome(self, answer: requests.Response, milliseconds: float, person: Person) -> Outcome:
        """What this answer of the gateway means, with the reason that the journal has."""
        session = bool(_given(answer))
        program = "html" not in answer.headers.get("Content-Type", "html")
        verdict = Verdict.REFUSED
        if session and answer.status_code == 303:
            verdict = Verdict.IN
        elif answer.status_code == 424 and "provider_unavailable" in answer.text:
            verdict = Verdict.AWAY
        elif answer.status_code < 400:
            verdict = Verdict.MISSING
        reason = self._reason(answer, person, program) if verdict in (Verdict.REFUSED, Verdict.AWAY) else ""
        return Outcome(verdict, answer.status_code, reason, answer.text, milliseconds, session, program=program)

    def _reason(self, answer: requests.Response, person: Person, program: bool) -> str:
        """Of exactly one refusal, of the request whose reference the page shows; a program is shown none."""
        found = _REFERENCE.search(answer.text)
        if found is None and not program:
            return "no reference on the page"
        asked = {"address": person.address} | ({"reference": found[1]} if found else {})
        refusals = [event for event in self.journal.events(**asked) if "reason" in event["facts"]]
        if not refusals:
            return NOTHING_SAID
        return str(refusals[-1]["facts"]["reason"]) if len(refusals) == 1 or program else f"{len(refusals)} refusals"

    def uniform(self) -> Mapping[str, str]:
        """The pages of every refusal from which nobody may learn, without their reference."""
        if not self._uniform:
            from tests.catalogue.visits import SamlVisit

            visit = SamlVisit.begin(self)
            self._uniform["sign-in"] = visit.post(visit.signed(assertion=None)).shape
            answer = self.person().http.get(f"{self.url}/signin/slo/logout?SAMLRequest=x", timeout=60)
            self._uniform["sign-out"] = self.outcome(answer, 0.0, self.person()).shape
        return self._uniform


def _given(answer: requests.Response) -> list[str]:
    """Values of session cookies that this answer sets; an empty one takes the cookie away."""
    found = re.findall(rf"(?:^|, ){SESSION}=([^;,]*)", answer.headers.get("Set-Cookie", ""))
    return [value for value in found if value.strip('"')]


def timed(act: Callable[[], requests.Response]) -> tuple[requests.Response, float]:
    start = time.perf_counter()
    answer = act()
    return answer, (time.perf_counter() - start) * 1000
