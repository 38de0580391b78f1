"""A role asks for more than the sign-in has: what the person and the program are told, and how they get it."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from tests.forges.oidc import LEAVE_OUT
from tests.prompt import ask, bearer
from tests.servers.browser import Browser
from tests.signin.conftest import House, said, soup
from tests.world import ADMIN, DEVELOPMENT, World

BUCKETS = "https://us-east-1.console.aws.amazon.com/s3/buckets"
LINK = f"/console/{DEVELOPMENT}/Admin?destination={quote(BUCKETS, safe='')}"


def button(page: requests.Response) -> tuple[str, str]:
    """The page's one button: what it says, and where it leads."""
    found = soup(page).select("main .answers a, main button")
    assert len(found) == 1, page.text
    return found[0].get_text(), str(found[0]["href"])


def test_the_page_says_what_is_needed_and_its_button_leads_to_the_provider_and_back(house: House, world: World) -> None:
    browser = house.signed_in()
    asked = house.get(browser, LINK)
    assert asked.status_code == 401
    assert "The role Administrator needs a sign-in of the last 10 min with a second factor." in said(asked)
    assert "You signed in without a second factor." in said(asked)
    name, onward = button(asked)
    assert name == "Continue with Northwind"
    house.is_now(amr=("pwd", "otp"))
    at_provider = parse_qs(urlsplit(house.get(browser, onward).headers["Location"]).query)
    assert at_provider["max_age"] == ["600"]
    assert at_provider["prompt"] == ["login"]
    assert at_provider["login_hint"] == ["bob@northwind.example"]
    world.forget_calls()
    console = house.follow(browser, onward)
    assert "Admin" in console.text
    assert BUCKETS in console.text
    assert console.url.startswith(world.aws)
    assert "<dt>fedgate-mfa</dt><dd>true</dd>" in console.text
    assert "<dt>fedgate-auth-time</dt><dd>20" in console.text


def test_aws_is_told_of_the_factor_and_of_the_moment(house: House, world: World) -> None:
    browser = house.signed_in("sub-mia", "mia", amr=("pwd", "otp"))  # of whom nothing is kept
    world.forget_calls()
    assert house.get(browser, f"/console/{DEVELOPMENT}/Admin").status_code == 303
    role_page = house.follow(browser, f"/roles/{DEVELOPMENT}/Admin")
    assert "Tag fedgate-mfa true" in said(role_page)
    assert f"Tag fedgate-auth-time {time.strftime('%Y-%m-%dT', time.gmtime())}" in said(role_page)
    assert len(world.calls("AssumeRoleWithSAML")) == 1


def test_a_sign_in_whose_moment_the_provider_does_not_say_is_not_fresh(house: House, world: World) -> None:
    """Entra ID says none by itself. A silent sign-on with a session of this morning then looked like one of now."""
    browser = house.signed_in("sub-zoe", "zoe", amr=("pwd", "otp"))
    house.northwind.twist.claims["auth_time"] = LEAVE_OUT
    house.follow(browser, "/signin/northwind")
    world.forget_calls()
    asked = house.get(browser, LINK)
    assert asked.status_code == 401
    assert "Northwind did not say when it last saw you." in said(asked)
    assert not world.calls("AssumeRoleWithSAML")
    house.is_now("sub-zoe", "zoe", amr=("pwd", "otp"))
    house.follow(browser, button(asked)[1])
    assert len(world.calls("AssumeRoleWithSAML")) == 1


def test_a_step_up_that_brings_no_second_factor_opens_nothing_new(house: House) -> None:
    browser = house.signed_in()
    before = browser.http.cookies["fedgate"]
    _, onward = button(house.get(browser, LINK))
    refused = house.follow(browser, onward)
    assert refused.status_code == 400
    assert "did not say that you used a second factor" in said(refused)
    assert house.gateway.last_reason() == "oidc.step-up-mfa"
    assert browser.http.cookies["fedgate"] == before
    assert house.get(browser, "/").status_code == 200


def test_a_step_up_is_a_new_session_and_its_terminals_live_on(house: House) -> None:
    browser = house.signed_in()
    terminal = bearer(house.url, browser)
    before = browser.http.cookies["fedgate"]
    _, onward = button(house.get(browser, "/console/111111111111/Admin"))
    house.is_now(amr=("otp",))
    house.follow(browser, onward)
    assert browser.http.cookies["fedgate"] != before
    old = requests.get(f"{house.url}/", cookies={"fedgate": before}, allow_redirects=False, timeout=60)
    assert old.status_code == 303
    me = requests.get(f"{house.url}/api/v1/me", headers=terminal.header, timeout=60)
    assert me.status_code == 200
    # The terminal's own sign-in is what it was: nobody pressed anything there.
    assert ask(house.url, browser, terminal, ADMIN).status_code == 401


def test_somebody_else_who_comes_back_is_simply_somebody_else(house: House) -> None:
    browser = house.signed_in(amr=("pwd", "otp"))
    terminal = bearer(house.url, browser)
    house.is_now("sub-eve", "eve", groups=["everyone"], amr=("pwd", "otp"))
    page = house.follow(browser, f"/signin/northwind?to=/console/{DEVELOPMENT}/Admin&mfa=1&max_age=600")
    assert page.status_code == 403
    assert "None of your groups gives you the role Admin" in said(page)
    assert "eve" in house.follow(browser, "/").text
    house.sign_out(browser)
    me = requests.get(f"{house.url}/api/v1/me", headers=terminal.header, timeout=60)
    assert me.json()["name"] == "bob", "eve's sign-out ended bob's terminal"


def test_a_program_is_told_by_the_words_of_rfc_9470(house: House) -> None:
    browser = house.signed_in()
    answer = ask(house.url, browser, bearer(house.url, browser), ADMIN)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="fedgate", error="insufficient_user_authentication", acr_values="mfa", max_age="600"'
    )
    problem = answer.json()
    assert (problem["code"], problem["acr_values"], problem["max_age"]) == ("step_up_required", "mfa", 600)


def test_a_role_that_asks_for_more_is_shown_with_what_it_asks(house: House) -> None:
    browser = house.signed_in()
    assert "asks for your second factor first" in said(house.follow(browser, "/"))
    header = bearer(house.url, browser).header
    roles = requests.get(f"{house.url}/api/v1/roles", headers=header, timeout=60).json()["roles"]
    assert {role["name"]: role["step_up"] for role in roles} == {
        "Admin": {"acr_values": "mfa", "max_age": 600},
        "ReadOnly": {},
    }


def test_a_form_of_a_page_leads_back_to_the_page(house: House) -> None:
    browser = house.signed_in()
    token = soup(house.follow(browser, "/")).select_one("[name=csrf]")
    assert token is not None
    form = {"csrf": str(token["value"]), "mfa_code": "123456"}
    headers = {"Origin": house.url, "Accept": "text/html"}
    asked = browser.http.post(house.url + LINK, data=form, headers=headers, timeout=60)
    assert asked.status_code == 401
    assert parse_qs(urlsplit(button(asked)[1]).query)["to"][0].startswith(f"/console/{DEVELOPMENT}/Admin?destination=")


@pytest.mark.parametrize("wish", ["mfa=yes", "max_age=-1", "max_age=1e3", "max_age=٣", "max_age=99999999"])
def test_a_link_that_asks_for_nothing_readable_is_refused_and_not_made_weaker(house: House, wish: str) -> None:
    assert house.get(Browser(), f"/signin/northwind?{wish}").status_code == 400


def test_somebody_elses_link_can_only_make_a_sign_in_stronger(house: House) -> None:
    house.is_now()
    answer = house.get(Browser(), "/signin/northwind?to=//evil.example/&mfa=1&max_age=0&acr_values=0")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (asked["max_age"], asked["prompt"]) == (["0"], ["login"])
    assert "acr_values" not in asked
    browser = Browser()
    house.is_now(amr=("otp",))
    assert house.follow(browser, "/signin/northwind?to=//evil.example/&mfa=1&max_age=60").url == f"{house.url}/"


def test_a_password_alone_makes_nobody_an_administrator(house: House) -> None:
    """Where gateway.toml says so: an administrator's stolen password must not be worth a rule for its thief."""
    browser = house.signed_in("sub-ada", "ada", groups=["gateway-admins"])
    asked = house.get(browser, "/admin")
    assert asked.status_code == 401
    assert "has signed in with a second factor" in said(asked)
    _, onward = button(asked)
    terminal = bearer(house.url, browser)
    api = f"{house.url}/api/v1/admin/catalog"
    answer = requests.get(api, headers=terminal.header, timeout=60)
    assert (answer.status_code, answer.json()["acr_values"]) == (401, "mfa")
    house.is_now("sub-ada", "ada", amr=("pwd", "otp"), groups=["gateway-admins"])
    page = house.follow(browser, onward)
    assert (page.status_code, page.url) == (200, f"{house.url}/admin")
    assert requests.get(api, headers=bearer(house.url, browser).header, timeout=60).status_code == 200


def test_a_second_factor_alone_makes_nobody_an_administrator_either(house: House) -> None:
    assert house.get(house.signed_in("sub-eve", "eve", amr=("pwd", "otp")), "/admin").status_code == 403
