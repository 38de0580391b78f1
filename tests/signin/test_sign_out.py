"""Signing out ends what grew from a sign-in, goes on to the provider where it may, and claims no more than it knows."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import requests

from tests.prompt import ask, bearer, refresh
from tests.servers.browser import Browser
from tests.signin.conftest import House, onward_of, said, soup
from tests.world import READ_ONLY


def events(house: House, kind: str) -> list[dict[str, object]]:
    return [event for event in house.gateway.events() if event["kind"] == kind]


def press(house: House, browser: Browser) -> requests.Response:
    """The button, and no step further."""
    form = soup(house.follow(browser, "/")).select_one("form[action='/signout'] [name=csrf]")
    assert form is not None
    headers = {"Origin": house.url, "Accept": "text/html"}
    data = {"csrf": str(form["value"])}
    return browser.http.post(f"{house.url}/signout", data=data, headers=headers, allow_redirects=False, timeout=60)


def test_terminals_and_what_is_kept_end_with_the_browser_and_the_provider_is_asked(house: House) -> None:
    browser = house.signed_in()
    terminal = bearer(house.url, browser)
    assert ask(house.url, browser, terminal, READ_ONLY).status_code == 200
    page = house.sign_out(browser)
    assert page.url.startswith(f"{house.url}/signout?state=")
    assert "This browser and the terminal that you signed in from it can no longer use" in said(page)
    assert "At Northwind It was asked to sign you out, and sent you back without saying whether it did." in said(page)
    assert "the last of them at" in said(page)
    farewell = house.northwind.farewells[-1]
    assert farewell["post_logout_redirect_uri"] == f"{house.url}/signout"
    assert farewell["id_token_hint"].count(".") == 2
    assert ask(house.url, browser, terminal, READ_ONLY).status_code == 401
    assert refresh(house.url, browser, terminal).status_code == 400
    facts = events(house, "signout")[-1]["facts"]
    assert isinstance(facts, dict)
    assert (facts["ended"], facts["at_provider"]) == (2, "asked")


def test_everything_here_has_ended_before_the_browser_leaves(house: House) -> None:
    """A tab that is closed on the way to the provider changes nothing."""
    browser = house.signed_in()
    terminal = bearer(house.url, browser)
    cookie = browser.http.cookies["fedgate"]
    leaving = press(house, browser)
    assert leaving.status_code == 200
    assert re.search(r"\bbob\b", leaving.text) is None
    assert "id_token" not in leaving.text
    assert "fedgate" not in browser.http.cookies
    old = requests.get(f"{house.url}/", cookies={"fedgate": cookie}, allow_redirects=False, timeout=60)
    assert old.status_code == 303
    assert requests.get(f"{house.url}/api/v1/me", headers=terminal.header, timeout=60).status_code == 401


def test_another_browser_is_told_nothing_and_sent_nowhere(house: House) -> None:
    browser = house.signed_in()
    onward = onward_of(press(house, browser))
    stranger = Browser()
    assert house.get(stranger, urlsplit(onward).path + "?" + urlsplit(onward).query).headers["Location"] == "/signout"
    state = parse_qs(urlsplit(onward).query)["state"][0]
    told = house.follow(stranger, f"/signout?state={state}")
    assert "Northwind" not in told.text
    assert "At Northwind" in said(house.follow(browser, onward))


def test_who_presses_the_button_once_more_in_another_tab_reads_that_they_are_out(house: House) -> None:
    browser = house.signed_in()
    house.sign_out(browser)
    again = browser.http.post(f"{house.url}/signout", headers={"Accept": "text/html"}, timeout=60)
    assert (again.status_code, again.url) == (200, f"{house.url}/signout")
    assert "Please sign in" not in said(again)


def test_what_has_ended_is_told_once(house: House) -> None:
    browser = house.signed_in()
    page = house.sign_out(browser)
    again = house.follow(browser, page.url)
    assert again.status_code == 200
    assert "You are signed out" in said(again)
    assert "Northwind" not in again.text


def test_a_wrong_state_is_nobodys_fault(house: House) -> None:
    for path in ("/signout", "/signout?state=", "/signout?state=guessed", "/signout/onward?state=guessed"):
        page = house.follow(Browser(), path)
        assert page.status_code == 200
        assert "You are signed out" in said(page)


def test_who_is_still_signed_in_is_not_told_otherwise(house: House) -> None:
    browser = house.signed_in()
    page = house.follow(browser, "/signout")
    assert "You are still signed in" in said(page)
    assert house.get(browser, "/").status_code == 200


def test_where_the_operator_wants_it_so_the_provider_is_not_asked(house: House) -> None:
    house.southwind.person |= {"groups": ["aws-dev"], "sub": "sub-sue", "sid": "s"}
    browser = Browser()
    house.follow(browser, "/signin/southwind")
    before = len(house.southwind.farewells)
    page = house.sign_out(browser)
    assert "At Southwind Nothing was changed there." in said(page)
    assert "Nothing that this gateway gave you" in said(page)
    assert len(house.southwind.farewells) == before


def test_a_sign_out_form_from_elsewhere_ends_nothing(house: House) -> None:
    browser = house.signed_in()
    answer = browser.http.post(f"{house.url}/signout", data={"csrf": ""}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert house.get(browser, "/").status_code == 200
