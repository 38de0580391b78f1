"""Device sign-in (RFC 8628) at a running gateway: its answers, and what people and thieves can do with its codes."""

from __future__ import annotations

import signal
import threading

import pytest
import requests
from bs4 import BeautifulSoup

from tests.office import page_of
from tests.servers.redis_server import RedisServer
from tests.terminal.device_scene import GRANT, DeviceTerminal, Scene, heading, open_scene, press, type_code
from tests.world import World

NONE = "There is no such code."
QUESTION = "Did you start this?"


def test_a_terminal_is_signed_in_by_a_browser_elsewhere(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    assert terminal.poll() == (400, "authorization_pending")
    page = type_code(scene.url, bob, terminal.code, "yes")
    assert heading(page) == "The terminal may sign in"
    tokens = poll_again(terminal).json()
    assert terminal.me(tokens["access_token"]).json()["name"] == "bob"
    assert (tokens["token_type"], bool(tokens["refresh_token"])) == ("Bearer", True)


def test_the_answer_has_the_shape_of_the_rfc(scene: Scene) -> None:
    begun = scene.terminal().begin().begun
    assert begun["verification_uri"] == f"{scene.url}/device"
    assert begun["verification_uri_complete"] == f"{scene.url}/device?user_code={begun['user_code']}"
    assert (begun["expires_in"], begun["interval"]) == (300, 5)
    assert len(begun["device_code"]) == 43


def test_the_metadata_names_it(scene: Scene) -> None:
    found = requests.get(f"{scene.url}/.well-known/oauth-authorization-server", timeout=60).json()
    assert found["device_authorization_endpoint"] == f"{scene.url}/oauth/device_authorization"
    assert GRANT in found["grant_types_supported"]


def test_the_page_says_what_asks_from_where_and_since_when(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(device_name="build-7"), scene.arrive()
    page = type_code(scene.url, bob, terminal.code)
    text = " ".join(BeautifulSoup(page.text, "html.parser").get_text(" ").split())
    assert heading(page) == QUESTION
    assert "Calls itself build-7 " in text
    assert f"{terminal.address} ( not the address of this browser, which is 127.0.0.1)" in text
    assert "less than a minute ago" in text
    assert "wants to sign in as bob" in text
    assert "they would get into AWS as you" in text


def test_whoever_sends_a_code_cannot_speak_in_the_question(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(device_name="yours. Security asks you to press Yes"), scene.arrive()
    page = type_code(scene.url, bob, terminal.code)
    assert heading(page) == QUESTION
    assert "Security" not in page.text


def test_the_page_says_when_it_is_the_same_network(scene: Scene) -> None:
    terminal, bob = scene.terminal(), scene.arrive()
    terminal.http.headers["X-Forwarded-For"] = "127.0.0.1"
    assert "the same network address as this browser" in type_code(scene.url, bob, terminal.begin().code).text


def test_the_safe_answer_comes_first(scene: Scene) -> None:
    """In reading order, for the Enter key, and for whoever presses the button that looks like one."""
    page = type_code(scene.url, scene.arrive(), scene.terminal().begin().code)
    buttons = BeautifulSoup(page.text, "html.parser").select('form[action="/device"] button')
    assert [button["value"] for button in buttons] == ["no", "yes"]


def test_a_link_with_the_code_fills_it_in_and_answers_nothing(scene: Scene) -> None:
    """Or whoever sends the link has only to be clicked on."""
    terminal, bob = scene.terminal().begin(), scene.arrive()
    page = page_of(bob.open(terminal.begun["verification_uri_complete"]))
    field = BeautifulSoup(page.text, "html.parser").select_one("#user_code")
    assert field is not None
    assert field["value"] == terminal.code
    page = page_of(bob.open(f"{terminal.begun['verification_uri_complete']}&answer=yes"))
    assert heading(page) == "Which code does your terminal show?"
    assert terminal.poll() == (400, "authorization_pending")


def test_somebody_who_is_not_signed_in_is_led_through_the_sign_in_with_the_code(scene: Scene) -> None:
    terminal = scene.terminal().begin()
    browser = scene.arrive(f"/device?user_code={terminal.code}")
    assert browser.trail[-1] == f"GET {scene.url}/device"


def test_declined(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    assert heading(type_code(scene.url, bob, terminal.code, "no")) == "Declined"
    assert terminal.poll() == (400, "access_denied")
    assert terminal.poll() == (400, "invalid_grant")
    assert NONE in type_code(scene.url, bob, terminal.code).text


def test_a_hasty_terminal_is_slowed_down_more_and_more(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    assert terminal.poll() == (400, "authorization_pending")
    said = [terminal.answer().json() for _ in range(3)]
    assert [one["error"] for one in said] == ["slow_down"] * 3
    assert [one["error_description"] for one in said] == [f"Ask every {n} seconds." for n in (10, 15, 20)]
    type_code(scene.url, bob, terminal.code, "yes")
    assert terminal.poll() == (400, "slow_down"), "haste must not be worth anything"


def test_expired(world: World, redis: RedisServer) -> None:
    """At a gateway whose codes live for six seconds."""
    with open_scene(world, redis.url, application="tests.terminal.short_lived:app") as scene:
        bob = scene.arrive()
        terminal = scene.terminal().begin()
        page = type_code(scene.url, bob, terminal.code)
        threading.Event().wait(6.5)
        assert NONE in press(scene.url, bob, page, "yes").text
        assert terminal.poll() == (400, "expired_token")
        assert terminal.poll() == (400, "invalid_grant")


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}\t",
        lambda code: "-".join(code.replace("-", "")),
        lambda code: code.replace("-", "\u2013"),
        lambda code: code.replace("-", "\u00a0"),
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    ],
    ids=["lower", "bare", "space", "around", "dashes", "en-dash", "no-break-space", "full-width"],
)
def test_a_code_may_be_typed_in_any_way(scene: Scene, spell: object) -> None:
    assert callable(spell)
    terminal = scene.terminal().begin()
    assert heading(type_code(scene.url, scene.arrive(), spell(terminal.code))) == QUESTION


@pytest.mark.parametrize("typed", ["", "BCDFG", "BCDFG-HJKLMN", "AEIOU-AEIOU", "BCDFG-HJKL1", "x" * 60_000, "\u0000"])
def test_what_is_no_code_is_told_so(scene: Scene, typed: str) -> None:
    page = type_code(scene.url, scene.arrive(), typed)
    assert page.status_code in (400, 413)
    if page.status_code == 400:
        assert NONE in page.text


def test_guesses_of_a_person_come_to_an_end(scene: Scene) -> None:
    """Also when they are right in the end, and from two browsers; the count is one for all workers."""
    terminal, bob = scene.terminal().begin(), scene.arrive()
    pages = [type_code(scene.url, bob, f"BCDFG-HJK{a}{b}").status_code for a in "LMNPQ" for b in "RSTVW"]
    assert pages == [400] * 20 + [429] * 5
    assert type_code(scene.url, bob, terminal.code).status_code == 429
    refused = scene.event("terminal.device_refused")
    assert (refused["name"], refused["address"]) == ("bob", "127.0.0.1")
    assert refused["facts"]["reason"] == "device.code"
    assert heading(type_code(scene.url, scene.arrive(), terminal.code)) == QUESTION, "somebody else must not suffer"


def test_beginnings_at_an_address_come_to_an_end(scene: Scene) -> None:
    terminal = scene.terminal()
    assert [terminal.ask().status_code for _ in range(31)] == [200] * 30 + [429]
    assert scene.terminal().ask().status_code == 200


def test_two_tabs_answer_once(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    tabs = [type_code(scene.url, bob, terminal.code) for _ in range(2)]
    assert heading(press(scene.url, bob, tabs[0], "no")) == "Declined"
    assert NONE in press(scene.url, bob, tabs[1], "yes").text
    assert terminal.poll() == (400, "access_denied")


def test_of_two_people_the_first_answers(scene: Scene) -> None:
    terminal, bob, eve = scene.terminal().begin(), scene.arrive(), scene.arrive()
    theirs = type_code(scene.url, eve, terminal.code)
    assert heading(type_code(scene.url, bob, terminal.code, "yes")) == "The terminal may sign in"
    assert NONE in press(scene.url, eve, theirs, "yes").text


def test_a_device_code_works_once_and_what_it_brought_ends_when_it_comes_again(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    type_code(scene.url, bob, terminal.code, "yes")
    token = terminal.answer().json()["access_token"]
    assert terminal.me(token).status_code == 200
    assert terminal.poll() == (400, "invalid_grant")
    assert terminal.me(token).status_code == 401
    assert scene.event("terminal.code_reused")["name"] == "bob"


@pytest.mark.parametrize("verifier", ["", "w" * 43, "short"])
def test_a_stolen_device_code_alone_is_worth_nothing(scene: Scene, verifier: str) -> None:
    """And the theft is noticed: the sign-in ends."""
    terminal, bob = scene.terminal().begin(), scene.arrive()
    type_code(scene.url, bob, terminal.code, "yes")
    assert terminal.poll(code_verifier=verifier) == (400, "invalid_grant")
    assert terminal.poll() == (400, "invalid_grant")
    assert scene.event("terminal.refused")["facts"]["reason"] == "oauth.verifier"


def test_another_client_gets_nothing(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    type_code(scene.url, bob, terminal.code, "yes")
    assert terminal.poll(client_id="another") == (401, "invalid_client")
    assert terminal.poll(client_id="") == (401, "invalid_client")
    assert terminal.poll() == (200, "")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"code_challenge": ""}, 400, "invalid_request"),
        ({"code_challenge": "x"}, 400, "invalid_request"),
        ({"code_challenge_method": "plain"}, 400, "invalid_request"),
        ({"code_challenge_method": ""}, 400, "invalid_request"),
        ({"max_age": "0"}, 400, "invalid_request"),
    ],
)
def test_a_beginning_that_is_not_the_clis_is_refused(
    scene: Scene, changes: dict[str, str], status: int, error: str
) -> None:
    answer = scene.terminal().ask(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("code", ["", "x", "x" * 43])
def test_a_device_code_that_never_was_is_an_invalid_grant(scene: Scene, code: str) -> None:
    assert scene.terminal().begin().poll(device_code=code) == (400, "invalid_grant")


def test_a_user_code_is_not_a_device_code(scene: Scene) -> None:
    terminal = scene.terminal().begin()
    assert terminal.poll(device_code=terminal.code) == (400, "invalid_grant")
    assert NONE in type_code(scene.url, scene.arrive(), str(terminal.begun["device_code"])).text


def test_a_form_on_another_site_cannot_answer(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    page = type_code(scene.url, bob, terminal.code)
    token = BeautifulSoup(page.text, "html.parser").select_one("main [name=csrf]")
    assert token is not None
    form = {"csrf": str(token["value"]), "user_code": terminal.code, "answer": "yes"}
    assert page_of(bob.post(f"{scene.url}/device", form, "https://evil.example")).status_code == 403
    assert page_of(bob.post(f"{scene.url}/device", {**form, "csrf": "x"}, scene.url)).status_code == 403
    assert terminal.poll() == (400, "authorization_pending")


def test_a_sign_out_before_the_terminal_comes_for_its_tokens_is_heard(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    page = type_code(scene.url, bob, terminal.code, "yes")
    token = BeautifulSoup(page.text, "html.parser").select_one("[name=csrf]")
    assert token is not None
    bob.http.post(f"{scene.url}/signout", data={"csrf": str(token["value"])}, headers={"Origin": scene.url}, timeout=60)
    assert terminal.poll() == (400, "invalid_grant")


def test_everything_is_on_record_without_a_code(scene: Scene) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    type_code(scene.url, bob, terminal.code, "yes")
    begun, agreed = scene.event("terminal.device_begun"), scene.event("terminal.device_approved")
    assert (begun["name"], begun["subject"], begun["address"]) == ("", "", terminal.address)
    assert (agreed["name"], agreed["address"]) == ("bob", "127.0.0.1")
    facts = agreed["facts"]
    assert (facts["terminal"], facts["device"]) == (terminal.address, "build-7")
    assert facts["request"] == begun["facts"]["request"]
    type_code(scene.url, bob, scene.terminal().begin().code, "no")
    assert scene.event("terminal.device_declined")["name"] == "bob"
    written = "".join(str(event) for event in scene.gateway.events())
    assert terminal.code not in written
    assert str(terminal.begun["device_code"]) not in written


def test_without_redis_everything_is_refused(scene: Scene, redis: RedisServer) -> None:
    terminal, bob = scene.terminal().begin(), scene.arrive()
    page = type_code(scene.url, bob, terminal.code)
    redis.process.signal(signal.SIGSTOP)
    try:
        assert scene.terminal().ask().status_code == 503
        assert terminal.answer().status_code == 503
        assert press(scene.url, bob, page, "yes").status_code == 503
    finally:
        redis.process.signal(signal.SIGCONT)
    assert terminal.poll()[1] in ("authorization_pending", "slow_down")


def poll_again(terminal: DeviceTerminal) -> requests.Response:
    """After the interval: sooner would be hasty."""
    threading.Event().wait(terminal.begun["interval"] - 0.8)
    return terminal.answer()
