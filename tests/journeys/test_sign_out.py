"""After sign-out, this browser is nobody's."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.person import Person

pytestmark = pytest.mark.needs("chromium")


def test_sign_out_ends_it_here_and_for_a_copied_cookie(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    old = alice.cookies()["fedgate"]
    alice.sign_out()
    assert (alice.path.partition("?")[0], alice.heading) == ("/signout", "You are signed out")
    assert "fedgate" not in alice.cookies()
    answer = requests.get(f"{alice.gateway}/", cookies={"fedgate": old}, allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin?to=%2F")


def test_the_back_button_shows_nothing_of_the_person(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (OIDC)")
    alice.sign_out()
    # Not go_back, which knows nothing of pages that were kept whole. And a moment later: the page that was asked may be
    # gone before it has answered.
    alice.page.evaluate("() => { setTimeout(() => history.back(), 100) }")
    expect(alice.page.get_by_role("heading", name="Sign in to AWS")).to_be_visible()
    assert "alice" not in alice.page.content().lower()


def test_another_tab_of_the_same_browser_is_led_to_sign_in(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    other = alice.another_tab()
    other.open("/")
    alice.sign_out()
    other.open("/")
    assert other.heading == "Sign in to AWS"


def test_a_sign_out_form_without_our_token_ends_nothing(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.page.evaluate("document.querySelector('[name=csrf]').value = 'guessed'")
    alice.click("Sign out", 403)
    alice.open("/")
    assert alice.heading == "My roles"


def test_signing_in_again_ends_the_browsers_older_session(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    old = alice.cookies()["fedgate"]
    alice.open("/signin")
    alice.sign_in("Example Corp (OIDC)")
    assert alice.cookies()["fedgate"] != old
    answer = requests.get(f"{alice.gateway}/", cookies={"fedgate": old}, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
