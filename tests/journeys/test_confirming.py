"""A role asks for more than the sign-in has; leaving ends all of it; whose provider is it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journeys.careful import OIDC, SAML, Careful, html_that_posts
from tests.journeys.person import People, Person
from tests.journeys.terminal import login
from tests.world import DEVELOPMENT, PRODUCTION

pytestmark = pytest.mark.needs("chromium")
BUCKETS = "https://us-east-1.console.aws.amazon.com/s3/buckets"
LINK = f"/console/{DEVELOPMENT}/Admin?destination={quote(BUCKETS, safe='')}"
BOTH = pytest.mark.parametrize("provider", [SAML, OIDC])


@pytest.fixture
def carla(people: People, careful: Careful) -> Person:
    return people("carla", careful.url)


@BOTH
def test_a_link_to_the_console_leads_through_the_second_factor_to_its_page(carla: Person, provider: str) -> None:
    carla.open("/")
    carla.sign_in(provider)
    before = carla.cookies()["fedgate"]
    carla.open(LINK, 401)
    assert carla.heading == "Please confirm that it is you"
    assert "The role Administrator needs a sign-in of the last 15 min with a second factor." in carla.text
    carla.page.get_by_role("link", name=f"Continue with {provider}").click()
    assert carla.page.get_by_role("checkbox").is_checked(), "the provider was not asked for the factor"
    carla.pick()
    found = carla.at_the_console()
    assert (found["role"], found["destination"]) == ("Admin", BUCKETS)
    assert carla.cookies()["fedgate"] != before


def test_without_the_second_factor_there_is_no_way_past(carla: Person) -> None:
    carla.open(LINK)
    carla.sign_in(SAML, 401)
    carla.page.get_by_role("link", name=f"Continue with {SAML}").click()
    carla.page.get_by_role("checkbox").uncheck()
    carla.pick(400)
    assert carla.heading == "Sign-in did not work"
    carla.open(LINK, 401)


def test_somebody_else_who_comes_back_gets_their_own_and_nothing_more(people: People, carla: Person) -> None:
    carla.open("/")
    carla.sign_in(OIDC)
    carla.open(LINK, 401)
    carla.page.get_by_role("link", name=f"Continue with {OIDC}").click()
    carla.key = "bob"
    carla.pick(403, mfa=True)
    assert carla.heading == "You may not take this role"
    carla.open("/")
    assert "bob@example.test" in carla.text
    assert carla.roles() == {f"Production {PRODUCTION}": ["ReadOnly"]}


@pytest.mark.parametrize(
    ("provider", "said"),
    [(SAML, "Signed out too: Careful (SAML) has confirmed it."), (OIDC, "It was asked to sign you out")],
)
def test_signing_out_ends_the_terminal_and_is_told_to_the_provider(
    carla: Person, tmp_path: Path, provider: str, said: str
) -> None:
    carla.open("/")
    carla.sign_in(provider)
    with login(tmp_path, carla.gateway) as terminal:
        carla.open(terminal.address)
        carla.click("Sign this terminal in")
        assert terminal.ended()[0] == 0
    carla.open("/")
    carla.leave()
    assert carla.heading == "You are signed out"
    assert "This browser and the terminal that you signed in from it" in carla.text
    assert said in carla.text
    assert "fedgate" not in carla.cookies()
    carla.open("/")
    assert carla.heading == "Sign in to AWS"


def test_an_address_leads_to_the_provider_of_its_domain(carla: Person) -> None:
    carla.open("/")
    carla.page.get_by_role("textbox", name="Your work e-mail").fill("carla@example.org")
    carla.click("Continue")
    assert "Addresses of example.org are not known here." in carla.text
    carla.page.get_by_role("textbox", name="Your work e-mail").fill("carla@example.test")
    carla.page.keyboard.press("Enter")
    carla.pick()
    assert carla.heading == "My roles"


def test_who_was_here_before_is_offered_the_same_first(carla: Person) -> None:
    carla.open("/")
    carla.sign_in(OIDC)
    carla.leave()
    carla.open("/signin")
    assert carla.page.locator("main a.button").first.inner_text() == OIDC
    assert "You used this one last time." in carla.text


def test_who_comes_from_the_partner_unasked_is_asked_first(people: People, careful: Careful) -> None:
    somebody = people("alice", careful.url)
    somebody.page.set_content(html_that_posts(*careful.unasked()))
    somebody.page.get_by_role("button", name="Open AWS").click()
    somebody.page.wait_for_url("**/signin/resume?ticket=*")
    somebody.look()
    assert somebody.heading == "Is this you?"
    assert "fedgate" not in somebody.cookies()
    somebody.click("Continue")
    assert somebody.heading == "My roles"
