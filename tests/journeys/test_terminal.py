"""A terminal is signed in by a browser, and only if the person there agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.elsewhere import elsewhere
from tests.journeys.person import Person
from tests.journeys.terminal import login, login_address
from tests.patience import until

pytestmark = pytest.mark.needs("chromium")


def test_alice_agrees_and_her_terminal_is_signed_in(alice: Person, tmp_path: Path) -> None:
    with login(tmp_path, alice.gateway) as terminal:
        alice.open(terminal.address)
        alice.sign_in("Example Corp (OIDC)")
        assert alice.heading == "Did you just run fedgate login?"
        assert "alice@example.test" in alice.page.locator("main").inner_text()
        alice.click("Sign this terminal in")
        assert alice.heading == "You are signed in"
        code, said = terminal.ended()
    assert (code, said.splitlines()[-2][:35]) == (0, "Signed in as alice@example.test unt")


def test_alice_declines_and_her_terminal_says_so(alice: Person, tmp_path: Path) -> None:
    with login(tmp_path, alice.gateway) as terminal:
        alice.open(terminal.address)
        alice.sign_in("Example Corp (SAML)")
        alice.click("Decline")
        assert alice.heading == "Sign-in did not work"
        code, said = terminal.ended()
    assert code == 5
    assert "declined" in said
    assert "Traceback" not in said


def test_the_question_cannot_be_put_into_a_frame(alice: Person) -> None:
    """Or a page with a game on top would have people agree by a click elsewhere."""
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    with elsewhere(f'<iframe src="{alice.gateway}{login_address("laptop")}"></iframe>') as address:
        alice.open(address)
        frame = alice.page.frames[1]
        assert frame.get_by_role("heading", name="Did you just run").count() == 0
        until(lambda: alice.hears("frame-ancestors 'none'"))


@pytest.mark.parametrize("token", ["", "guessed", "ü"])
def test_an_answer_without_the_pages_own_token_is_refused(alice: Person, token: str) -> None:
    alice.open(login_address("laptop"))
    alice.sign_in("Example Corp (SAML)")
    alice.page.locator("main [name=csrf]").evaluate("(field, value) => { field.value = value }", token)
    alice.click("Sign this terminal in", 403)
    assert alice.heading == "This form is out of date"


def test_an_answer_with_somebody_elses_token_is_refused(alice: Person, bob: Person) -> None:
    bob.open(login_address("laptop"))
    bob.sign_in("Example Corp (SAML)")
    stolen = bob.page.locator("main [name=csrf]").input_value()
    alice.open(login_address("laptop"))
    alice.sign_in("Example Corp (SAML)")
    alice.page.locator("main [name=csrf]").evaluate("(field, value) => { field.value = value }", stolen)
    alice.click("Sign this terminal in", 403)


def test_a_form_on_another_site_cannot_answer(alice: Person) -> None:
    """Even with the right token: the browser says where the form stood."""
    alice.open(login_address("laptop"))
    alice.sign_in("Example Corp (SAML)")
    form = alice.page.locator("main form").inner_html()
    with elsewhere(f'<form method="post" action="{alice.gateway}/oauth/authorize">{form}</form>') as address:
        alice.open(address)
        alice.click("Sign this terminal in", 403)
    assert "another site" in alice.text


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example:1/callback"},
        {"redirect_uri": "http://localhost:1/callback"},
        {"client_id": "another"},
        {"code_challenge_method": "plain"},
        {"state": ""},
    ],
    ids=lambda changes: "-".join(f"{name}" for name in changes),
)
def test_a_request_that_is_not_the_clis_gets_a_page_and_no_redirect(alice: Person, changes: dict[str, str]) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.open(login_address("laptop", **changes), 400)
    expect(alice.page.get_by_role("button", name="Sign this terminal in")).to_have_count(0)
    assert alice.path.startswith("/oauth/authorize?")
