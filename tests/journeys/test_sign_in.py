"""People sign in with the company's provider and find what their groups give them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.company import Company
from tests.journeys.person import People, Person
from tests.world import DEVELOPMENT, PRODUCTION

pytestmark = pytest.mark.needs("chromium")
BOTH = pytest.mark.parametrize("provider", ["Example Corp (SAML)", "Example Corp (OIDC)"])
OF_ALICE = {"Development 111111111111": ["Developer"], f"Production {PRODUCTION}": ["Look only", "Update the app"]}


@BOTH
def test_alice_signs_in_sees_her_roles_and_opens_the_console_as_herself(alice: Person, provider: str) -> None:
    alice.open("/")
    assert alice.heading == "Sign in to AWS"
    alice.sign_in(provider)
    assert (alice.heading, alice.roles()) == ("My roles", OF_ALICE)
    console = alice.click_to_tab("Open console as Update the app in Production")
    found = console.at_the_console()
    assert (found["role"], found["account"]) == ("UpdateApp", PRODUCTION)
    assert found["session-name"] == found["source-identity"]
    assert found["session-name"].startswith("alice@example.test-")
    assert found["arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/UpdateApp/{found['session-name']}"
    assert alice.path == "/"
    assert "SigninToken" not in console.page.url


def test_a_word_typed_into_the_search_leaves_the_roles_that_it_fits(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    search = alice.page.get_by_role("searchbox", name="Find a role")
    search.fill("production upd")
    assert alice.roles() == {f"Production {PRODUCTION}": ["Update the app"]}
    search.fill("nothing of the kind")
    assert alice.roles() == {}
    assert alice.page.get_by_role("status").inner_text().startswith("No role matches")
    search.fill("")
    assert alice.roles() == OF_ALICE


def test_a_page_that_was_searched_for_can_be_searched_anew_and_left(alice: Person) -> None:
    """It holds only what was found: a script that hid roles of it would say that there are no others."""
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.open("/?q=production+upd")
    search = alice.page.get_by_role("searchbox", name="Find a role")
    search.fill("developer")
    assert alice.roles() == {f"Production {PRODUCTION}": ["Update the app"]}
    alice.click("Find")
    assert alice.roles() == {f"Development {DEVELOPMENT}": ["Developer"]}
    alice.click("Show all 3 roles")
    assert alice.roles() == OF_ALICE


def test_the_copied_cli_line_names_the_roles_profile(people: People) -> None:
    alice = people("alice", permissions=["clipboard-read", "clipboard-write"])
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.named("Copy CLI line for Update the app in Production").click()
    expect(alice.named("Copied for Update the app in Production")).to_be_visible()
    assert alice.page.evaluate("navigator.clipboard.readText()") == "export AWS_PROFILE=production.UpdateApp"
    alice.look()


@BOTH
def test_bob_is_not_shown_update_app_and_refused_when_he_types_its_address(bob: Person, provider: str) -> None:
    bob.open("/")
    bob.sign_in(provider)
    assert bob.roles() == {f"Production {PRODUCTION}": ["Look only"]}
    assert "UpdateApp" not in bob.page.content()
    bob.open(f"/console/{PRODUCTION}/UpdateApp", 403)
    assert bob.heading == "You may not take this role"
    assert "None of your groups gives you the role UpdateApp in account 999999999999" in bob.text


def test_a_role_that_does_not_exist_is_refused_in_the_same_words(bob: Person) -> None:
    bob.open("/")
    bob.sign_in("Example Corp (SAML)")
    bob.open(f"/console/{PRODUCTION}/UpdateApp", 403)
    there = bob.page.locator("main p").first.inner_text()
    bob.open(f"/console/{PRODUCTION}/NoSuchRole", 403)
    assert bob.page.locator("main p").first.inner_text() == there.replace("UpdateApp", "NoSuchRole")


@BOTH
def test_dan_reads_which_claim_did_not_arrive(people: People, provider: str) -> None:
    dan = people("dan")
    dan.open("/")
    dan.sign_in(provider, 403)
    assert dan.heading == "Your groups did not arrive"
    said = "claim" if "OIDC" in provider else "attribute"
    assert f"the {said} “groups” was expected and did not come" in dan.text
    assert "fedgate" not in dan.cookies()


@BOTH
def test_erin_who_is_in_no_group_reads_what_to_do(people: People, provider: str) -> None:
    erin = people("erin")
    erin.open("/")
    erin.sign_in(provider)
    assert erin.roles() == {}
    assert "You have no roles yet" in erin.text
    assert f"{provider} says that you are in no group" in erin.text


def test_somebody_who_turns_back_at_the_provider_reads_that_nothing_happened(people: People) -> None:
    alice = people("alice")
    alice.open("/")
    alice.follow(alice.page.get_by_role("link", name="Example Corp (OIDC)"))
    alice.click("None of these: go back without signing in", 400)
    assert alice.heading == "Sign-in did not work"
    assert "fedgate" not in alice.cookies()


def test_the_only_provider_is_not_asked_about(people: People, company: Company) -> None:
    company.next_is("everything")
    somebody = people("somebody", company.url)
    somebody.open("/")
    assert somebody.heading == "My roles"
    assert sum(len(roles) for roles in somebody.roles().values()) == 40


def test_a_second_tab_does_not_break_the_sign_in_of_the_first(alice: Person) -> None:
    alice.open("/")
    alice.follow(alice.page.get_by_role("link", name="Example Corp (SAML)"))
    other = alice.another_tab()
    other.open("/")
    other.sign_in("Example Corp (OIDC)")
    alice.pick()
    assert alice.roles() == OF_ALICE
