"""Single Logout in a real browser: with the local identity provider, as `deploy/try` shows it, and SimpleSAMLphp."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.person import People, Person
from tests.real_providers.parting import Parting, open_parting
from tests.servers import people as accounts
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.world import World

pytestmark = pytest.mark.needs("chromium")

CORP = "Example Corp (SAML)"


@pytest.fixture(scope="module")
def parting(world: World, start_simplesamlphp: StartSimpleSamlPhp) -> Iterator[Parting]:
    with open_parting(world, start_simplesamlphp) as found:
        yield found


def log_in(person: Person, account: accounts.Account) -> None:
    """At SimpleSAMLphp's login page."""
    person.page.fill("[name=username]", account.user.name)
    person.page.fill("[name=password]", account.user.password)
    person.page.locator("[name=password]").press("Enter")
    expect(person.page.get_by_role("heading", name="My roles")).to_be_visible()


def at(parting: Parting) -> str:
    return f"{parting.url}/signin/{parting.provider}"


def test_alice_signs_out_and_the_provider_confirms_it(alice: Person) -> None:
    alice.open("/")
    alice.sign_in(CORP)
    alice.sign_out()
    assert f"Signed out too: {CORP} has confirmed it." in alice.text


def test_the_provider_signs_alice_out_while_she_looks_at_her_roles(alice: Person, world: World) -> None:
    alice.open("/")
    alice.sign_in(CORP)
    provider = alice.another_tab()
    provider.open(f"http://127.0.0.1:{world.port + 1}/saml/sessions")
    provider.page.get_by_role("button", name="Sign out Alice Adams").first.click()
    expect(provider.page.get_by_text("it says that its sessions are over")).to_be_visible()
    alice.open("/")
    assert alice.heading == "Sign in to AWS"


@pytest.mark.needs("simplesamlphp")
def test_simplesamlphp_confirms_it_and_asks_for_the_password_again(people: People, parting: Parting) -> None:
    alice = people("alice", parting.url)
    alice.page.goto(at(parting))
    log_in(alice, accounts.ALICE)
    alice.sign_out()
    assert "Signed out too: SimpleSAMLphp has confirmed it." in alice.text
    alice.page.goto(at(parting))
    expect(alice.page.locator("[name=password]")).to_be_visible()


@pytest.mark.needs("simplesamlphp")
def test_signed_out_at_simplesamlphp_she_is_signed_out_here(people: People, parting: Parting) -> None:
    alice = people("alice", parting.url)
    alice.page.goto(at(parting))
    log_in(alice, accounts.ALICE)
    other = alice.another_tab()
    other.page.goto(f"{parting.saml.base_url}/saml2/idp/initSLO.php?RelayState={parting.saml.base_url}/logout.php")
    alice.page.goto(at(parting))
    expect(alice.page.locator("[name=password]")).to_be_visible()


@pytest.mark.needs("simplesamlphp")
def test_by_forms_it_works_both_ways_under_our_own_policy(people: People, parting: Parting) -> None:
    """The cookies of neither side travel with the other's forms, and Chromium holds `form-action` against each step."""
    by_post, alice = parting.by_post, people("alice", parting.url)
    alice.page.goto(at(by_post))
    log_in(alice, accounts.ALICE)
    alice.sign_out()
    assert "Signed out too: SimpleSAMLphp has confirmed it." in alice.text
    alice.page.goto(at(by_post))
    log_in(alice, accounts.ALICE)
    other = alice.another_tab()
    home = f"{parting.saml.base_url}/logout.php"
    other.page.goto(f"{parting.saml.base_url}/saml2/idp/initSLO.php?RelayState={home}")
    other.page.wait_for_url(f"{home}*")
    alice.page.goto(at(by_post))
    expect(alice.page.locator("[name=password]")).to_be_visible()
