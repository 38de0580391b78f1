"""Answers that nobody here asked for (SAML, IdP-initiated): the person is asked, so that no link signs anybody in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from tests.servers.browser import Browser
from tests.signin.conftest import House, said, soup


def bring(house: House, browser: Browser, relay_state: str = "", provider: str = "partner") -> requests.Response:
    """A form on the provider's page, or on anybody's: a cross-site POST, to which browsers add no cookies of ours."""
    acs = f"{house.url}/signin/{provider}/acs"
    draft = house.partner.draft(acs, f"{house.url}/signin/{provider}/metadata", "", datetime.now(UTC))
    draft = draft.but(request_id=None, confirmed_request_id=None)
    form = {"SAMLResponse": house.partner.encode(house.partner.signed(draft)), "RelayState": relay_state}
    answer = requests.post(acs, data=form, headers={"Origin": "null"}, allow_redirects=False, timeout=60)
    assert answer.status_code == 303, answer.text
    return house.follow(browser, answer.headers["Location"])


def answer(
    house: House, browser: Browser, page: requests.Response, word: str = "yes", **headers: str
) -> requests.Response:
    ticket = soup(page).select_one("form [name=ticket]")
    assert ticket is not None, page.text
    data = {"ticket": str(ticket["value"]), "answer": word}
    sent = {"Origin": house.url, "Accept": "text/html", **headers}
    return browser.http.post(f"{house.url}/signin/resume", data=data, headers=sent, allow_redirects=False, timeout=60)


def test_the_person_is_asked_and_signed_in_only_then(house: House) -> None:
    browser = Browser()
    page = bring(house, browser, "/?q=app")
    assert "You are being signed in as alice from Partner." in said(page)
    assert "fedgate" not in browser.http.cookies
    done = answer(house, browser, page)
    assert (done.status_code, done.headers["Location"]) == (303, "/?q=app")
    assert house.get(browser, "/").status_code == 200


@pytest.mark.parametrize(
    "relay_state", ["https://evil.example/", "//evil.example", "/signin/corp", "x" * 5000, "/nowhere"]
)
def test_it_leads_to_a_page_of_ours_and_to_no_other(house: House, relay_state: str) -> None:
    browser = Browser()
    assert answer(house, browser, bring(house, browser, relay_state)).headers["Location"] == "/"


def test_no_is_an_answer(house: House) -> None:
    browser = Browser()
    page = bring(house, browser)
    assert answer(house, browser, page, "no").headers["Location"] == "/"
    assert answer(house, browser, page).status_code == 400
    assert house.get(browser, "/").status_code == 303


def test_who_is_signed_in_reads_that_it_would_end(house: House) -> None:
    browser = house.signed_in()
    page = bring(house, browser)
    assert "In this browser bob is signed in now. That ends if you continue." in said(page)
    assert "bob" in house.follow(browser, "/").text


def test_another_sites_form_cannot_press_the_button(house: House) -> None:
    browser = Browser()
    page = bring(house, browser)
    assert answer(house, browser, page, Origin="https://evil.example").status_code == 403
    assert answer(house, browser, page, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "fedgate" not in browser.http.cookies


def test_a_ticket_belongs_to_the_browser_that_was_asked(house: House) -> None:
    """The attacker brings an answer about himself, opens the question, and sends its address or form to somebody."""
    attacker, victim = Browser(), Browser()
    page = bring(house, attacker)
    assert house.follow(victim, page.url).status_code == 400
    assert answer(house, victim, page).status_code == 400
    assert "fedgate" not in victim.http.cookies


def test_a_question_is_answered_once(house: House) -> None:
    browser = Browser()
    page = bring(house, browser)
    assert answer(house, browser, page).status_code == 303
    assert answer(house, browser, page).status_code == 400
