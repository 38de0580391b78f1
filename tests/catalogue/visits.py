"""One person on the way through a provider and back, with the forged answer in the browser's hands."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from lxml import etree

from tests.catalogue.row import Outcome, Verdict
from tests.catalogue.stage import Person, Stage, timed
from tests.forges.oidc import OidcForge
from tests.forges.saml import Draft, SamlForge

Form = Mapping[str, str] | list[tuple[str, str]]


class NoDeparture(Exception):
    """The gateway did not send the browser to the provider; `answer` is what it said instead."""

    def __init__(self, answer: requests.Response, milliseconds: float, person: Person) -> None:
        super().__init__(f"status {answer.status_code}")
        self.answer, self.milliseconds, self.person = answer, milliseconds, person


def depart(stage: Stage, person: Person, provider: str, to: str = "/", query: str = "") -> str:
    """Where the gateway sends this browser. Raises NoDeparture."""
    answer, milliseconds = timed(
        lambda: person.http.get(
            f"{stage.url}/signin/{provider}?{query}", params={"to": to}, allow_redirects=False, timeout=60
        )
    )
    if answer.status_code != 303:
        raise NoDeparture(answer, milliseconds, person)
    return answer.headers["Location"]


@dataclass(frozen=True, slots=True)
class SamlVisit:
    """Somebody has left for a SAML provider."""

    stage: Stage
    provider: str
    forge: SamlForge
    person: Person
    request_id: str
    relay_state: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def begin(
        cls, stage: Stage, provider: str = "corp", person: Person | None = None, to: str = "/", query: str = ""
    ) -> SamlVisit:
        person = person or stage.person()
        sent = dict(parse_qsl(urlsplit(depart(stage, person, provider, to, query)).query))
        request = etree.fromstring(zlib.decompress(base64.b64decode(sent["SAMLRequest"]), -15))
        forge = stage.saml[provider]
        return cls(stage, provider, forge, person, str(request.get("ID")), sent["RelayState"])

    @property
    def acs(self) -> str:
        return f"{self.stage.url}/signin/{self.provider}/acs"

    @property
    def audience(self) -> str:
        return f"{self.stage.url}/signin/{self.provider}/metadata"

    def draft(self, **changes: Any) -> Draft:
        return self.forge.draft(self.acs, self.audience, self.request_id, self.now).but(**changes)

    def signed(self, draft: Draft | None = None, **how: Any) -> etree._Element:
        return self.forge.signed(draft or self.draft(), **how)

    def post(self, document: etree._Element | bytes | str, **form: str) -> Outcome:
        return self.send({"SAMLResponse": self.forge.encode(document), "RelayState": self.relay_state, **form})

    def send(self, form: Form, **headers: str) -> Outcome:
        """To the ACS, and on to /signin/resume if it leads there."""
        answer, milliseconds = timed(lambda: self.to_acs(form, **headers))
        outcome = self.stage.outcome(answer, milliseconds, self.person)
        return self.resume(answer.headers["Location"], milliseconds) if answer.status_code == 303 else outcome

    def to_acs(self, form: Form | etree._Element, **headers: str) -> requests.Response:
        """Without our cookies, as browsers post across sites. A document stands for the whole honest form."""
        if isinstance(form, etree._Element):
            form = {"SAMLResponse": self.forge.encode(form), "RelayState": self.relay_state}
        sent = {**self.person.http.headers, **headers}
        fields = list(form.items()) if isinstance(form, Mapping) else form
        return requests.post(self.acs, data=fields, headers=sent, allow_redirects=False, timeout=60)

    def resume(self, location: str, milliseconds: float = 0.0) -> Outcome:
        if not location.startswith("/signin/resume?ticket="):
            return Outcome(Verdict.MISSING, 303, said=f"led to {location.partition('?')[0]}")
        answer = self.person.http.get(self.stage.url + location, allow_redirects=False, timeout=60)
        return self.stage.outcome(answer, milliseconds, self.person)


@dataclass(frozen=True, slots=True)
class OidcVisit:
    """Somebody has left for an OpenID provider."""

    stage: Stage
    provider: str
    op: OidcForge
    person: Person
    url: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def begin(
        cls, stage: Stage, provider: str = "op", person: Person | None = None, to: str = "/", query: str = ""
    ) -> OidcVisit:
        person = person or stage.person()
        return cls(stage, provider, stage.oidc[provider], person, depart(stage, person, provider, to, query))

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    def returns(self, **query: str | None) -> Outcome:
        """Through the provider, and back with what it says; None leaves a parameter out."""
        said = {**self.op.visit(self.url), **query}
        return self.calls_back({name: value for name, value in said.items() if value is not None})

    def calls_back(self, query: Mapping[str, str], person: Person | None = None, provider: str = "") -> Outcome:
        callback = f"{self.stage.url}/signin/{provider or self.provider}/callback"
        person = person or self.person
        answer, milliseconds = timed(
            lambda: person.http.get(callback, params=dict(query), allow_redirects=False, timeout=60)
        )
        return self.stage.outcome(answer, milliseconds, person)


def arrived(visit: SamlVisit | OidcVisit, outcome: Outcome, **facts: object) -> Outcome:
    """The same, wrong unless the sign-in that was accepted has these facts (`subject`, `name`, `groups`, `mfa`)."""
    if outcome.verdict is not Verdict.IN:
        return outcome
    found = visit.stage.journal.events(kind="signin.accepted", address=visit.person.address)
    event = found[-1] if found else {"facts": {}}
    got = {name: event.get(name, event["facts"].get(name)) for name in facts}
    return outcome if got == facts else replace(outcome, said=f"arrived as {got} instead of {facts}")
