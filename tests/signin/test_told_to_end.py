"""The provider says that a session is over: OIDC Back-Channel Logout, with nobody signed in at the address."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.forges.oidc import LEAVE_OUT
from tests.prompt import bearer
from tests.servers.browser import Browser
from tests.signin.conftest import House


def tell(house: House, provider: str = "northwind", **form: str) -> requests.Response:
    """As a provider's server does: no cookies, no Accept."""
    headers = {"Accept": "", "User-Agent": "provider"}
    return requests.post(f"{house.url}/signin/{provider}/logout", data=form, headers=headers, timeout=60)


def is_in(house: House, browser: Browser) -> bool:
    return house.get(browser, "/").status_code == 200


def ended(house: House) -> dict[str, Any]:
    return [event for event in house.gateway.events() if event["kind"] == "session.ended_by_provider"][-1]


def test_the_session_that_it_names_ends_with_its_terminals_and_no_other(house: House) -> None:
    browser, other = house.signed_in(sid="sid-1"), house.signed_in(sid="sid-2")
    terminal = bearer(house.url, browser)
    answer = tell(house, logout_token=house.northwind.logout_token(sub="sub-bob", sid="sid-1"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not is_in(house, browser)
    assert requests.get(f"{house.url}/api/v1/me", headers=terminal.header, timeout=60).status_code == 401
    assert is_in(house, other)
    event = ended(house)
    assert (event["subject"], event["facts"]) == ("sub-bob", {"ended": 2})


def test_without_a_sid_everything_of_the_person_ends(house: House) -> None:
    one, two = house.signed_in(), house.signed_in()
    stranger = house.signed_in(sub="sub-ann", name="ann")
    assert tell(house, logout_token=house.northwind.logout_token(sub="sub-bob", sid=LEAVE_OUT)).status_code == 200
    assert (is_in(house, one), is_in(house, two), is_in(house, stranger)) == (False, False, True)


def test_a_sid_alone_is_enough(house: House) -> None:
    browser = house.signed_in(sid="sid-alone")
    assert tell(house, logout_token=house.northwind.logout_token(sub=LEAVE_OUT, sid="sid-alone")).status_code == 200
    assert not is_in(house, browser)


def test_the_same_word_is_taken_once(house: House) -> None:
    token = house.northwind.logout_token(sub="sub-bob", sid="sid-once")
    assert tell(house, logout_token=token).status_code == 200
    browser = house.signed_in(sid="sid-once")
    again = tell(house, logout_token=token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    assert again.headers["Cache-Control"] == "no-store"
    assert is_in(house, browser)
    refused = [event for event in house.gateway.events() if event["kind"] == "session.end_refused"][-1]
    assert refused["facts"] == {"reason": "oidc.logout.replay"}


def test_a_word_that_could_not_be_followed_is_taken_when_it_is_said_again(house: House) -> None:
    """Refused as "seen", a session would have lived on whose provider had been told to try again."""
    browser, token = house.signed_in(sid="sid-later"), house.northwind.logout_token(sub="sub-bob", sid="sid-later")
    folder = house.gateway.folder / "audit"
    away = folder.rename(folder.with_name("audit-away"))
    folder.touch()
    try:
        assert tell(house, logout_token=token).status_code == 503
    finally:
        folder.unlink()
        away.rename(folder)
    assert tell(house, logout_token=token).status_code == 200
    assert not is_in(house, browser)
    assert ended(house)["subject"] == "sub-bob"
    assert tell(house, logout_token=token).status_code == 400


def test_one_providers_word_ends_nobody_of_another(house: House) -> None:
    browser = house.signed_in()
    token = house.southwind.logout_token(sub="sub-bob", sid=LEAVE_OUT)
    assert tell(house, logout_token=token).status_code == 400
    assert tell(house, "southwind", logout_token=token).status_code == 200
    assert is_in(house, browser)


@pytest.mark.parametrize(
    "claims", [{"aud": "another"}, {"events": {}}, {"nonce": "n"}, {"iat": int(time.time()) - 3600, "exp": 1}]
)
def test_a_word_that_proves_nothing_is_refused_in_json(house: House, claims: dict[str, Any]) -> None:
    browser = house.signed_in()
    answer = tell(house, logout_token=house.northwind.logout_token(**{"sub": "sub-bob", "sid": LEAVE_OUT, **claims}))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert is_in(house, browser)


def test_what_is_too_large_or_of_no_kind_is_refused_calmly(house: House) -> None:
    assert tell(house, logout_token="x" * 60_000).status_code == 400
    assert tell(house, logout_token="x").status_code == 400
    for nothing in (tell(house), tell(house, SAMLRequest="rubbish")):  # Back-Channel Logout 1.0, 2.8
        assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    assert tell(house, "partner", logout_token="x").status_code == 404
    assert tell(house, "closed", logout_token="x").status_code == 404
    assert tell(house, "partner", SAMLRequest="rubbish").status_code == 400
    assert requests.get(f"{house.url}/signin/partner/logout?SAMLRequest=rubbish", timeout=60).status_code == 400
    assert requests.get(f"{house.url}/signin/partner/logout?SAMLResponse=rubbish&RelayState=x", timeout=60).ok
