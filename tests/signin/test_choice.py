"""Several providers: whose is it? By e-mail domain, by what was chosen last; and one that was switched off is gone."""

from __future__ import annotations

import pytest
import requests

from tests.servers.browser import Browser
from tests.signin.conftest import House, onward_of, said, soup


def labels(page: requests.Response) -> list[str]:
    return [link.get_text() for link in soup(page).select("main a.button")]


def typed(house: House, browser: Browser, email: str, to: str = "/") -> requests.Response:
    return browser.http.post(f"{house.url}/signin", data={"email": email, "to": to}, timeout=60)


def test_who_was_here_before_is_offered_the_same_first(house: House) -> None:
    browser = Browser()
    assert labels(house.follow(browser, "/signin")) == ["Northwind", "Southwind", "Partner"]
    house.southwind.person |= {"groups": ["aws-dev"], "sub": "sub-sue"}
    house.follow(browser, "/signin/southwind")
    found = {cookie.name: cookie for cookie in browser.http.cookies}["fedgate-last"]
    assert (found.value, found.expires is not None) == ("southwind", True)
    assert labels(house.follow(browser, "/signin")) == ["Southwind", "Northwind", "Partner"]


def test_a_link_that_somebody_followed_chooses_nothing(house: House) -> None:
    browser = Browser()
    house.get(browser, "/signin/southwind")
    assert "fedgate-last" not in browser.http.cookies


def test_a_cookie_that_names_no_provider_of_ours_is_passed_over(house: House) -> None:
    page = requests.get(f"{house.url}/signin", cookies={"fedgate-last": "closed"}, timeout=60)
    assert labels(page) == ["Northwind", "Southwind", "Partner"]


@pytest.mark.parametrize("email", ["bob@northwind.example", " Bob@NORTHWIND.example ", "bob@bücher.example"])
def test_an_address_leads_to_the_provider_of_its_domain_and_back_to_the_page(house: House, email: str) -> None:
    house.is_now()
    browser = Browser()
    page = typed(house, browser, email, "/?q=admin")
    assert page.status_code == 200
    assert house.follow(browser, onward_of(page)).url == f"{house.url}/?q=admin"


def test_the_provider_is_told_what_was_typed(house: House) -> None:
    browser = Browser()
    onward = onward_of(typed(house, browser, "bob@northwind.example")).removeprefix(house.url)
    assert "login_hint=bob%40northwind.example" in house.get(browser, onward).headers["Location"]


@pytest.mark.parametrize(
    "email", ["bob@elsewhere.example", "bob@northwind.example.evil.example", "bob", "", "@x", "a@\x00"]
)
def test_an_address_of_nobody_is_said_kindly(house: House, email: str) -> None:
    page = typed(house, Browser(), email)
    assert page.status_code == 200
    assert "are not known here" in said(page) or "That is not an e-mail address" in said(page)
    assert labels(page) == ["Northwind", "Southwind", "Partner"]


def test_a_provider_that_is_switched_off_is_nowhere(house: House) -> None:
    assert "Closed" not in house.follow(Browser(), "/signin").text
    for path in ("/signin/closed", "/signin/closed/callback?state=s&code=c"):
        assert house.get(Browser(), path).status_code == 404
