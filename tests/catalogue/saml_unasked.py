"""X12 and row 22: answers that nobody here asked for, where the operator allows them (idp_initiated)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.catalogue.homes import Homes, SamlHome
from tests.catalogue.row import Outcome, Row, Verdict, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import SamlVisit, arrived

_NOBODY = {"request_id": None, "confirmed_request_id": None}
HOMES: Homes = {"open": SamlHome(more="idp_initiated = true")}


def rows() -> Iterator[Row]:
    yield goes_in("1.3-22 X12 control: allowed, asked, and the person says yes", _agrees)
    yield refused("1.3-22 X12 the person says no, and the ticket is over", "signin.ticket", _declines)
    yield refused("1.3-22 X12 replay", "saml.replay", _replayed)
    yield refused("1.3-22 X12 the button pressed by another site", "cross-site", _pressed_elsewhere)
    yield refused("1.3-22 X12 the ticket in another browser", "signin.binding", _another_browser)
    for name, reason, changes in (
        ("an answer to somebody's request", "saml.in-response-to", {"request_id": "_stolen"}),
        ("a confirmation of somebody's request", "saml.in-response-to", {"confirmed_request_id": "_stolen"}),
        ("without Destination", "saml.destination", {"destination": None}),
        ("for another provider's address", "saml.destination", {"destination": "https://aws.example.com/acs"}),
        ("without Recipient", "saml.subject-confirmation", {"recipient": None}),
        ("without Audience", "saml.audience", {"audience": None}),
        ("of another Issuer", "saml.issuer", {"issuer": "https://other.example.com"}),
    ):
        yield refused(f"1.3-22 X12 allowed, {name}", reason, lambda stage, c=changes: _sent(stage, **c))
    yield refused("1.3-22 X12 allowed, and old", "saml.expired", lambda s: _sent(s, issued=timedelta(minutes=-12)))
    yield refused("1.3-22 X12 a stolen answer posted as an unasked one", "saml.in-response-to", _stolen)
    for wish in ("https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)", "x"):
        yield goes_in(f"1.3-30 X13 RelayState {wish!r}", lambda stage, w=wish: _led(stage, w, "/"))
    yield goes_in("1.3-30 control RelayState of a page of ours", lambda stage: _led(stage, "/?q=1", "/?q=1"))
    for wish in ("https://evil.example.com/", "//evil.example.com", "/%2f%2fevil.example.com", "/signin/corp/acs"):
        yield goes_in(f"1.3-30 to={wish!r}", lambda stage, w=wish: _asked_for(stage, w))


def _visit(stage: Stage) -> SamlVisit:
    """Nobody departed: the person came from the provider's own page. The request is somebody else's."""
    return SamlVisit(stage, "open", stage.saml["open"], stage.person(), "_none", "")


def _sent(stage: Stage, issued: timedelta = timedelta(0), **changes: Any) -> Outcome:
    visit = _visit(stage)
    return visit.post(visit.signed(visit.draft(**{**_NOBODY, "issued": visit.now + issued, **changes})))


def _question(visit: SamlVisit, relay_state: str = "") -> str:
    """The ticket, as the page that asks the person has it. Raises AssertionError if nobody is asked."""
    form = {"SAMLResponse": visit.forge.encode(visit.signed(visit.draft(**_NOBODY))), "RelayState": relay_state}
    waiting = visit.to_acs(form)
    assert waiting.status_code == 303, waiting.status_code
    page = visit.person.http.get(visit.stage.url + waiting.headers["Location"], timeout=60)
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, f"nobody was asked: {page.status_code}"
    assert not visit.person.is_signed_in, "signed in before the answer"
    return found[1]


def _says(visit: SamlVisit, ticket: str, answer: str, origin: str = "") -> Outcome:
    response = visit.person.http.post(
        f"{visit.stage.url}/signin/resume",
        data={"ticket": ticket, "answer": answer},
        headers={"Origin": origin or visit.stage.url},
        allow_redirects=False,
        timeout=60,
    )
    outcome = visit.stage.outcome(response, 0.0, visit.person)
    return replace(outcome, body=response.headers.get("Location", outcome.body))


def _agrees(stage: Stage) -> Outcome:
    visit = _visit(stage)
    return arrived(visit, _says(visit, _question(visit), "yes"), subject="alice")


def _declines(stage: Stage) -> Outcome:
    visit = _visit(stage)
    ticket = _question(visit)
    _says(visit, ticket, "no")
    return _full(visit, ticket)


def _full(visit: SamlVisit, ticket: str) -> Outcome:
    return visit.resume(f"/signin/resume?ticket={ticket}")


def _replayed(stage: Stage) -> Outcome:
    visit = _visit(stage)
    document = visit.signed(visit.draft(**_NOBODY))
    first = visit.to_acs(document)
    assert first.status_code == 303, first.status_code
    return visit.post(document)


def _pressed_elsewhere(stage: Stage) -> Outcome:
    """Login CSRF: the question is answered by the page that brought it. 403, which is no refusal of an answer."""
    visit = _visit(stage)
    outcome = _says(visit, _question(visit), "yes", origin="https://evil.example.com")
    good = outcome.status == 403 and not outcome.session
    return replace(outcome, reason="cross-site", program=True, said="" if good else f"status {outcome.status}")


def _another_browser(stage: Stage) -> Outcome:
    visit = _visit(stage)
    ticket = _question(visit)
    other = replace(visit, person=SamlVisit.begin(stage).person)
    return _full(other, ticket)


def _stolen(stage: Stage) -> Outcome:
    """Alice's good answer, posted without her RelayState: as if nobody had asked, past the browser that asked."""
    alice = SamlVisit.begin(stage, "open")
    return replace(alice, person=stage.person()).post(alice.signed(), RelayState="")


def _led(stage: Stage, wish: str, expected: str) -> Outcome:
    visit = _visit(stage)
    outcome = _says(visit, _question(visit, wish), "yes")
    where = outcome.body
    return outcome if where == expected else replace(outcome, said=f"led to {where}")


def _asked_for(stage: Stage, wish: str) -> Outcome:
    visit = SamlVisit.begin(stage, to=wish)
    location = visit.to_acs(visit.signed()).headers["Location"]
    answer = visit.person.http.get(stage.url + location, allow_redirects=False, timeout=60)
    outcome = stage.outcome(answer, 0.0, visit.person)
    where = answer.headers.get("Location")
    return outcome if outcome.verdict is Verdict.IN and where == "/" else replace(outcome, said=f"led to {where}")
