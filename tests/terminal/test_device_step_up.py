"""Who agrees to a terminal must have signed in a few minutes ago, and as the terminal asks (RFC 9470)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from tests.office import page_of
from tests.servers.browser import Browser, Stopped
from tests.terminal.device_scene import Scene, heading, press, type_code

CODE_PAGE = "Which code does your terminal show?"
CONFIRM = "Please confirm that it is you"
BACK = "http://127.0.0.1:9/callback"
WISH = {
    "response_type": "code",
    "client_id": "fedgate-cli",
    "redirect_uri": BACK,
    "state": "a-state-of-a-test",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636 appendix B
    "code_challenge_method": "S256",
}


def confirm(scene: Scene, browser: Browser, page: requests.Response) -> requests.Response:
    """Follow the page's one way to the provider and back."""
    assert (page.status_code, heading(page)) == (401, CONFIRM)
    onward = BeautifulSoup(page.text, "html.parser").select_one('main a[href^="/signin/forge"]')
    assert onward is not None
    return page_of(browser.open(scene.url + str(onward["href"])))


def test_a_browser_that_was_signed_in_this_morning_is_not_enough_for_a_code(scene: Scene) -> None:
    """Or whoever finds it open signs a terminal of their own in."""
    terminal, bob = scene.terminal().begin(), scene.arrive(seen_minutes_ago=60)
    page = page_of(bob.open(terminal.begun["verification_uri_complete"]))
    page = confirm(scene, bob, page)
    assert heading(page) == CODE_PAGE
    field = BeautifulSoup(page.text, "html.parser").select_one("#user_code")
    assert field is not None
    assert field["value"] == terminal.code, "what was typed is still there"


def test_a_form_that_is_sent_without_its_page_meets_the_same_check(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive(seen_minutes_ago=60)
    first = page_of(bob.open(f"{scene.url}/"))
    token = BeautifulSoup(first.text, "html.parser").select_one("[name=csrf]")
    assert token is not None
    form = {"csrf": str(token["value"]), "user_code": terminal.code, "answer": "yes"}
    page = page_of(bob.post(f"{scene.url}/device", form, scene.url))
    assert heading(page) == CONFIRM
    assert terminal.poll() == (400, "authorization_pending")


def test_no_needs_nothing_but_the_session(scene: Scene) -> None:
    """The safe answer is never the harder one."""
    terminal, bob = scene.terminal().begin(), scene.arrive(seen_minutes_ago=60)
    first = page_of(bob.open(f"{scene.url}/"))
    token = BeautifulSoup(first.text, "html.parser").select_one("[name=csrf]")
    assert token is not None
    form = {"csrf": str(token["value"]), "user_code": terminal.code, "answer": "no"}
    assert heading(page_of(bob.post(f"{scene.url}/device", form, scene.url))) == "Declined"


def test_a_terminal_that_asks_for_mfa_by_a_code_gets_it(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(acr_values="mfa", max_age="900"), scene.arrive()
    page = confirm(scene, bob, type_code(scene.url, bob, terminal.code))
    assert heading(page) == CODE_PAGE
    page = type_code(scene.url, bob, terminal.code)
    assert heading(press(scene.url, bob, page, "yes")) == "The terminal may sign in"
    assert scene.event("signin.accepted")["facts"]["mfa"] == 1
    assert terminal.poll() == (200, "")


@pytest.mark.parametrize("needs", [{"acr_values": "mfa"}, {"max_age": "900"}, {"acr_values": "mfa", "max_age": "900"}])
def test_a_terminal_that_asks_for_more_leads_through_the_provider(scene: Scene, needs: dict[str, str]) -> None:
    bob = scene.arrive(seen_minutes_ago=60)
    page = page_of(bob.open(f"{scene.url}/oauth/authorize?{urlencode(WISH | needs)}"))
    page = confirm(scene, bob, page)
    assert heading(page) == "Did you just run fedgate login?"
    assert "code" in agreed(scene, bob, page)


@pytest.mark.parametrize("needs", [{}, {"acr_values": "urn:another"}, {"max_age": "7200"}])
def test_a_terminal_that_asks_for_what_is_there_asks_at_once(scene: Scene, needs: dict[str, str]) -> None:
    bob = scene.arrive(seen_minutes_ago=60)
    page = page_of(bob.open(f"{scene.url}/oauth/authorize?{urlencode(WISH | needs)}"))
    assert heading(page) == "Did you just run fedgate login?"


def test_the_agreement_is_checked_again(scene: Scene) -> None:
    """Whoever sends the form without its page, or with less in it than was asked, gains nothing: what it lacks is what
    the tokens then lack, and the role says so."""
    bob = scene.arrive(seen_minutes_ago=60)
    page = page_of(bob.open(f"{scene.url}/oauth/authorize?{urlencode(WISH)}"))
    answer = send(scene, bob, page, {"acr_values": "mfa"})
    assert isinstance(answer, requests.Response)
    assert heading(answer) == CONFIRM


def send(scene: Scene, browser: Browser, page: requests.Response, more: dict[str, str]) -> requests.Response | Stopped:
    hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/oauth/authorize"] input')
    form = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden}
    browser.until = BACK
    try:
        return browser.post(f"{scene.url}/oauth/authorize", {**form, "answer": "yes", **more}, scene.url)
    finally:
        browser.until = ""


def agreed(scene: Scene, browser: Browser, page: requests.Response) -> dict[str, list[str]]:
    answer = send(scene, browser, page, {})
    assert isinstance(answer, Stopped)
    return parse_qs(urlsplit(answer.url).query)
