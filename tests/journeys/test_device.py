"""A terminal without a browser, and the page on which somebody answers for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.person import People, Person
from tests.journeys.terminal import Login, login
from tests.journeys.test_keyboard import HEADER, stops
from tests.journeys.test_looks import WORN

pytestmark = pytest.mark.needs("chromium")
SAML = "Example Corp (SAML)"
YES = "Yes, sign this terminal in"
QUESTION = "Did you start this?"


def arrive(person: Person, terminal: Login) -> None:
    """The page's address as the terminal shows it; the code is filled in."""
    person.open(terminal.address)
    person.sign_in(SAML)
    assert person.heading == "Which code does your terminal show?"


def test_alice_answers_for_her_server(alice: Person, tmp_path: Path) -> None:
    with login(tmp_path, alice.gateway, "--device") as terminal:
        arrive(alice, terminal)
        alice.click("Go on")
        assert alice.heading == QUESTION
        assert "the same network address as this browser" in alice.text
        alice.click(YES)
        assert alice.heading == "The terminal may sign in"
        code, said = terminal.ended()
    assert (code, said.splitlines()[-2][:35]) == (0, "Signed in as alice@example.test unt")


def test_alice_types_the_code_and_declines(alice: Person, tmp_path: Path) -> None:
    """Only with the keyboard: Enter on the page with the question is "no"."""
    with login(tmp_path, alice.gateway, "--device") as terminal:
        alice.open("/device")
        alice.sign_in(SAML)
        code = parse_qs(urlsplit(terminal.address).query)["user_code"][0]
        expect(alice.page.locator("#user_code")).to_be_focused()
        alice.page.keyboard.type(code.lower().replace("-", " "))
        alice.page.keyboard.press("Enter")
        alice.page.wait_for_url("**/device")
        alice.page.get_by_role("heading", name=QUESTION).wait_for()
        assert stops(alice) == [*HEADER, "No, decline", YES]
        alice.named("No, decline").focus()
        alice.page.keyboard.press("Enter")
        alice.page.get_by_role("heading", name="Declined").wait_for()
        alice.look()
        ended, said = terminal.ended()
    assert ended == 5
    assert "declined" in said


def entering(person: Person, _terminal: Login) -> None:
    assert person.page.locator("#user_code").input_value()


def mistyped(person: Person, _terminal: Login) -> None:
    person.page.locator("#user_code").fill("BCDFG-HJKL")
    person.click("Go on", 400)
    assert "There is no such code" in person.text


def asked(person: Person, _terminal: Login) -> None:
    person.click("Go on")


def agreed(person: Person, terminal: Login) -> None:
    asked(person, terminal)
    person.click(YES)


def declined(person: Person, terminal: Login) -> None:
    asked(person, terminal)
    person.click("No, decline")


@pytest.mark.parametrize("way", [entering, mistyped, asked, agreed, declined], ids=lambda way: way.__name__)
def test_the_page_can_be_used_by_everybody(
    people: People, tmp_path: Path, way: Callable[[Person, Login], None]
) -> None:
    alice = people("alice")
    with login(tmp_path, alice.gateway, "--device") as terminal:
        arrive(alice, terminal)
        way(alice, terminal)
        found = {clothes.name: clothes.on(alice.page, f"device_{way.__name__}") for clothes in WORN}
    assert found == {clothes.name: [] for clothes in WORN}


def test_the_page_works_without_scripts(people: People, tmp_path: Path) -> None:
    alice = people("alice", java_script_enabled=False)
    with login(tmp_path, alice.gateway, "--device") as terminal:
        arrive(alice, terminal)
        alice.click("Go on")
        alice.click(YES)
        assert terminal.ended()[0] == 0
