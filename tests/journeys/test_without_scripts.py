"""Everything works in a browser that runs no scripts."""

from __future__ import annotations

import pytest

from tests.journeys.person import People, Person
from tests.journeys.terminal import login_address
from tests.world import PRODUCTION

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def alice(people: People) -> Person:
    return people("alice", java_script_enabled=False)


@pytest.mark.parametrize("provider", ["Example Corp (SAML)", "Example Corp (OIDC)"])
def test_alice_signs_in_searches_opens_the_console_and_signs_out(alice: Person, provider: str) -> None:
    alice.open("/")
    alice.sign_in(provider)
    alice.page.get_by_role("searchbox", name="Find a role").fill("update")
    alice.click("Find")
    assert alice.path == "/?q=update"
    assert alice.roles() == {f"Production {PRODUCTION}": ["Update the app"]}
    console = alice.click_to_tab("Open console as Update the app in Production")
    assert console.at_the_console()["role"] == "UpdateApp"
    alice.click("Sign out")
    assert alice.heading == "You are signed out"
    assert "fedgate" not in alice.cookies()


def test_nothing_is_offered_that_needs_a_script(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    assert alice.page.locator("[data-copy]:visible").count() == 0
    assert "production.UpdateApp" in alice.text  # what the copied line would have held
    alice.click("Set up your terminal")
    assert alice.page.locator("[data-copy-of]:visible").count() == 0
    assert "fedgate login" in alice.page.locator("pre").nth(1).inner_text()


def test_the_question_for_a_terminal_tells_its_time_zone(alice: Person) -> None:
    alice.open(login_address("laptop"))
    alice.sign_in("Example Corp (SAML)")
    assert alice.page.locator("main time").inner_text().endswith(" UTC")


def test_carla_reads_what_aws_must_know(people: People) -> None:
    carla = people("carla", java_script_enabled=False)
    carla.open(f"/admin/aws/{PRODUCTION}")
    carla.sign_in("Example Corp (SAML)")
    assert carla.page.locator("[data-copy-of]:visible").count() == 0
    carla.page.get_by_text("Role UpdateApp").click()
    assert "sts:AssumeRoleWithSAML" in carla.page.locator("details[open] pre").inner_text()
    with carla.page.expect_download() as download:
        carla.named("Terraform for UpdateApp").click()
    assert download.value.suggested_filename == f"fedgate-{PRODUCTION}-UpdateApp.tf.json"
