"""Links to the console from anywhere: a ticket, a chat, the console itself."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.journeys.company import Company
from tests.journeys.person import People, Person
from tests.world import PRODUCTION, World

pytestmark = pytest.mark.needs("chromium")
BUCKET = "https://eu-west-1.console.aws.amazon.com/s3/buckets/productionapp"
UPDATE_APP = f"/console/{PRODUCTION}/UpdateApp"
HOSTILE = [
    "https://evil.example/",
    "http://console.aws.amazon.com/",
    "https://console.aws.amazon.com.evil.example/",
    "https://console.aws.amazon.com@evil.example/",
    "https://evil.example\\.console.aws.amazon.com/",
    "//console.aws.amazon.com/",
    "javascript:alert(1)//console.aws.amazon.com/",
]


@pytest.mark.parametrize("provider", ["Example Corp (SAML)", "Example Corp (OIDC)"])
def test_a_link_from_a_ticket_leads_through_sign_in_to_its_console_page(alice: Person, provider: str) -> None:
    alice.open(f"{UPDATE_APP}?destination={quote(BUCKET, safe='')}")
    assert alice.heading == "Sign in to AWS"
    alice.sign_in(provider)
    found = alice.at_the_console()
    assert (found["role"], found["account"], found["service"]) == ("UpdateApp", PRODUCTION, "S3")
    assert found["destination"] == BUCKET
    assert "welcome.txt" in alice.text  # what the role may read in the bucket
    assert alice.page.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("destination", HOSTILE)
def test_a_link_that_would_lead_out_of_the_console_is_refused(alice: Person, world: World, destination: str) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    world.forget_calls()
    alice.open(f"{UPDATE_APP}?destination={quote(destination, safe='')}", 400)
    assert alice.heading == "This link or form is not right"
    assert alice.path.startswith(UPDATE_APP)
    assert "evil.example" not in alice.page.content()
    assert world.calls("getSigninToken") == []


def test_a_link_to_a_role_that_bob_was_not_given_is_refused_after_sign_in(bob: Person) -> None:
    bob.open(f"{UPDATE_APP}?destination={quote(BUCKET, safe='')}")
    bob.sign_in("Example Corp (SAML)", 403)
    assert bob.heading == "You may not take this role"


def test_the_console_leads_back_to_the_same_role_after_its_session_has_ended(alice: Person, world: World) -> None:
    alice.open(f"{UPDATE_APP}?destination={quote(BUCKET, safe='')}")
    alice.sign_in("Example Corp (SAML)")
    first = alice.at_the_console()["session-name"]
    world.turn(clock_offset_seconds=4 * 3600)
    try:
        alice.page.reload()
        assert "Your session has ended" in alice.text
    finally:
        world.turn(clock_offset_seconds=0)
    alice.click("Sign in again")
    found = alice.at_the_console()
    assert (found["role"], found["session-name"], found["destination"]) == ("UpdateApp", first, BUCKET)


def test_the_console_leads_back_through_sign_in_when_that_has_ended_too(alice: Person) -> None:
    alice.open(UPDATE_APP)
    alice.sign_in("Example Corp (OIDC)")
    alice.forget("fedgate")
    alice.click("Sign out")
    alice.click("Sign in again")
    assert alice.heading == "Sign in to AWS"
    alice.sign_in("Example Corp (SAML)")
    assert alice.at_the_console()["role"] == "UpdateApp"


def test_a_link_can_be_tried_again_when_aws_does_not_answer(people: People, company: Company) -> None:
    company.next_is("everything")
    somebody = people("somebody", company.url)
    somebody.open("/")
    wanted = f"{UPDATE_APP}?destination={quote(BUCKET, safe='')}"
    somebody.open(wanted, 503)
    somebody.click("Try again", 503)
    assert somebody.path == wanted
