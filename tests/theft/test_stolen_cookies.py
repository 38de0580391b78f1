"""A copied cookie jar is the session while that lives. It must not outlive it, and it is noticed where it can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests

from app.sessions.live import Alive
from tests.servers.browser import Elsewhere
from tests.theft.conftest import FIREFOX, PROVIDER, Scene, stolen

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
WHO = json.dumps([PROVIDER, "subject-of-alice"])


def test_after_her_sign_out_it_opens_nothing(scene: Scene) -> None:
    alice = scene.arrive("alice")
    thief = stolen(alice)
    assert scene.is_in(thief)
    scene.sign_out(alice)
    assert not scene.is_in(thief)


def test_after_the_companys_word_it_opens_nothing(scene: Scene) -> None:
    alice = scene.arrive("alice")
    thief, tokens = stolen(alice), scene.terminal(alice)
    said = {"logout_token": scene.company.logout_token()}
    told = requests.post(f"{scene.url}/signin/{PROVIDER}/logout", data=said, timeout=60)
    assert told.status_code == 200, told.text
    assert _why(scene.first_page(thief)) == "ended"
    assert not scene.may(tokens)


def test_after_the_operators_word_it_opens_nothing(scene: Scene) -> None:
    alice, bob = scene.arrive("alice"), scene.arrive("bob")
    thief, tokens = stolen(alice), scene.terminal(alice)
    assert "since" in scene.operator("show", PROVIDER, "subject-of-alice")
    assert scene.operator("end", PROVIDER, "subject-of-alice").count("ended: ") >= 2
    assert scene.operator("show", PROVIDER, "subject-of-alice") == ""
    assert not scene.is_in(thief)
    assert not scene.may(tokens)
    assert scene.is_in(bob)
    assert scene.events("session.ended_by_operator")[-1]["subject"] == "subject-of-alice"


def test_after_the_idle_limit_it_opens_nothing_and_she_is_told_why(scene: Scene) -> None:
    alice = scene.arrive("alice")
    thief = stolen(alice)
    _two_hours_without_use(scene)
    assert _why(scene.first_page(thief)) == "idle"
    page = requests.get(f"{scene.url}/signin?ended=idle", timeout=60)
    assert "nothing was done here for a while" in page.text


def test_a_link_cannot_put_its_own_words_on_the_page(scene: Scene) -> None:
    page = requests.get(f"{scene.url}/signin?ended=Call+this+number", timeout=60, allow_redirects=False)
    assert page.status_code == 303


def test_in_another_browser_it_does_not_even_tell_whose_it_is(scene: Scene) -> None:
    """Nor does it end anything by being tried there: nothing was shown."""
    alice = scene.arrive("alice")
    assert scene.is_in(alice)
    thief = stolen(alice, CHROME)
    shown = [browser.http.get(f"{scene.url}/signout", timeout=60).text for browser in (alice, thief)]
    assert ["alice" in text for text in shown] == [True, False]
    step_up = f"{scene.url}/signin/{PROVIDER}?max_age=60"
    led = [browser.http.get(step_up, allow_redirects=False, timeout=60) for browser in (alice, thief)]
    assert ["login_hint" in answer.headers["Location"] for answer in led] == [True, False]
    assert scene.is_in(alice)


def test_in_another_browser_it_ends_the_whole_sign_in_and_is_an_audit_event(scene: Scene) -> None:
    alice = scene.arrive("alice")
    assert scene.is_in(alice)
    tokens = scene.terminal(alice)
    answer = scene.first_page(stolen(alice, CHROME))
    assert _why(answer) == "moved"
    assert not scene.is_in(alice)
    assert not scene.may(tokens)
    event = scene.events("session.moved")[-1]
    facts = event["facts"]
    assert isinstance(facts, Mapping)
    assert event["subject"] == "subject-of-alice"
    assert (facts["ended"], "Firefox" in str(facts["before"]), "Chrome" in str(facts["now"])) == (2, True, True)


def test_a_browser_that_updates_itself_in_the_middle_of_the_day_is_the_same(scene: Scene) -> None:
    alice = scene.arrive("alice")
    alice.http.headers["User-Agent"] = FIREFOX.replace("144", "145")
    assert scene.is_in(alice)


def test_on_another_network_it_is_written_down_once_and_the_session_goes_on(scene: Scene) -> None:
    """People carry their laptops home; the journal shows to whom it happened, when and from where."""
    alice = scene.arrive("alice")
    elsewhere, before = stolen(alice), len(scene.events("session.moved"))
    elsewhere.http.mount("http://", Elsewhere())
    for _ in range(3):
        assert scene.is_in(elsewhere)
        assert scene.is_in(alice)
    events = scene.events("session.moved")[before:]
    assert [event["address"] for event in events] == ["127.0.0.2"]
    assert "ended" not in str(events[0]["facts"])


def test_a_new_sign_in_and_a_step_up_leave_the_old_cookie_worth_nothing(scene: Scene) -> None:
    alice = scene.arrive("alice")
    thief, tokens = stolen(alice), scene.terminal(alice)
    alice.open(f"{scene.url}/signin/{PROVIDER}")
    assert scene.is_in(alice)
    assert not scene.is_in(thief)
    assert scene.may(tokens)  # the sign-in goes on ...
    scene.sign_out(alice)
    assert not scene.may(tokens)  # ... and its end still reaches the terminal


def _why(answer: requests.Response) -> str:
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["Location"]).query)["ended"][0]


def _two_hours_without_use(scene: Scene) -> None:
    """Time passes for her sessions only: whoever holds the sealing key may write this document."""

    def aged(doc: Alive) -> Alive:
        sessions = tuple(replace(one, used_at=one.used_at - timedelta(hours=2)) for one in doc.sessions)
        return replace(doc, version=doc.version + 1, sessions=sessions)

    assert scene.opener.opened("live", Alive).change(WHO, aged) is not None
