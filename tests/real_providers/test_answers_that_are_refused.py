"""A good answer of a real provider, used as it must not be: altered, twice, unasked, in another's browser."""

from __future__ import annotations

import base64
import re

import pytest
import requests

from tests.office import page_of
from tests.real_providers.conftest import Company
from tests.servers.browser import Browser, Stopped
from tests.servers.people import ALICE, BOB

pytestmark = [pytest.mark.needs("simplesamlphp"), pytest.mark.slow]


def refused(company: Company, browser: Browser, page: requests.Response, reason: str) -> None:
    assert 400 <= page.status_code < 500, page.status_code
    assert re.search(r"<code>[A-Z2-9]{4}-[A-Z2-9]{4}</code>", page.text), "no reference on the page"
    assert company.gateway.last_reason() == reason
    assert not company.is_signed_in(browser)


def post(company: Company, browser: Browser, answer: Stopped, **changed: str) -> requests.Response:
    return page_of(browser.post(answer.url, {**answer.form, **changed}, company.saml.base_url))


def xml_of(answer: Stopped) -> bytes:
    return base64.b64decode(answer.form["SAMLResponse"])


def encoded(xml: bytes) -> str:
    return base64.b64encode(xml).decode()


def test_as_it_came_it_signs_alice_in(company: Company) -> None:
    browser, answer = company.stop_before("ssp", "acs", ALICE)
    assert post(company, browser, answer).status_code == 200
    assert company.is_signed_in(browser)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"aws-readonly", b"aws-developers"),
        (b"bob@example.test", b"alice@example.test"),
        (b"urn:oasis:names:tc:SAML:2.0:ac:classes:Password", b"urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSync"),
    ],
    ids=["groups", "name", "how"],
)
def test_one_word_altered(company: Company, old: bytes, new: bytes) -> None:
    browser, answer = company.stop_before("ssp", "acs", BOB)
    xml = xml_of(answer)
    assert old in xml
    page = post(company, browser, answer, SAMLResponse=encoded(xml.replace(old, new)))
    refused(company, browser, page, "saml.signature")


def test_without_its_signatures(company: Company) -> None:
    browser, answer = company.stop_before("ssp", "acs", BOB)
    bare = re.sub(rb"<ds:Signature.*?</ds:Signature>", b"", xml_of(answer), flags=re.DOTALL)
    assert bare != xml_of(answer)
    page = post(company, browser, answer, SAMLResponse=encoded(bare))
    assert 400 <= page.status_code < 500
    assert not company.is_signed_in(browser)


def test_twice(company: Company) -> None:
    browser, answer = company.stop_before("ssp", "acs", ALICE)
    assert post(company, browser, answer).status_code == 200
    thief = Browser()
    refused(company, thief, post(company, thief, answer), "signin.state")


def test_for_another_sign_in_that_was_begun(company: Company) -> None:
    """Alice's response with the RelayState of a sign-in that is under way in the thief's browser."""
    _, hers = company.stop_before("ssp", "acs", ALICE)
    thief, his = company.stop_before("ssp", "acs", BOB)
    page = post(company, thief, hers, RelayState=his.form["RelayState"])
    refused(company, thief, page, "saml.in-response-to")


def test_in_another_browser_than_the_one_that_began(company: Company) -> None:
    """Login CSRF: the attacker's own good response, posted by the victim's browser."""
    _, answer = company.stop_before("ssp", "acs", BOB)
    victim = Browser()
    refused(company, victim, post(company, victim, answer), "signin.binding")


def test_without_having_been_asked_for(company: Company) -> None:
    """IdP-initiated: SimpleSAMLphp sends whoever opens this link to our ACS with a good, signed response."""
    browser = Browser(until=f"{company.url}/signin/ssp/acs")
    link = f"{company.saml.base_url}/saml2/idp/SSOService.php?spentityid={company.url}/signin/ssp/metadata"
    answer = browser.sign_in(browser.open(link), ALICE.user)
    assert isinstance(answer, Stopped), f"SimpleSAMLphp answered {answer.status_code}"
    assert b"InResponseTo" not in xml_of(answer)
    browser.until = ""
    refused(company, browser, post(company, browser, answer), "saml.unasked")


def test_without_having_been_asked_for_but_with_a_state(company: Company) -> None:
    """The same, dressed up with the RelayState of a sign-in that this browser did begin."""
    browser, begun = company.stop_before("ssp", "acs", BOB)
    other = Browser(until=f"{company.url}/signin/ssp/acs")
    link = f"{company.saml.base_url}/saml2/idp/SSOService.php?spentityid={company.url}/signin/ssp/metadata"
    unasked = other.sign_in(other.open(link), ALICE.user)
    assert isinstance(unasked, Stopped)
    page = post(company, browser, unasked, RelayState=begun.form["RelayState"])
    refused(company, browser, page, "saml.in-response-to")


def test_at_the_other_providers_address(company: Company) -> None:
    browser, answer = company.stop_before("ssp", "acs", ALICE)
    page = page_of(browser.post(answer.url.replace("/ssp/", "/okta/"), answer.form, company.saml.base_url))
    assert page.status_code == 404
    assert not company.is_signed_in(browser)


def test_oidc_with_a_state_that_nobody_began(company: Company) -> None:
    browser, answer = company.stop_before("okta", "callback", ALICE)
    page = page_of(browser.open(answer.url.replace(answer.query["state"], "x" * len(answer.query["state"]))))
    refused(company, browser, page, "signin.state")


def test_oidc_in_another_browser(company: Company) -> None:
    browser, answer = company.stop_before("okta", "callback", BOB)
    victim = Browser()
    refused(company, victim, page_of(victim.open(answer.url)), "signin.binding")
    assert page_of(browser.open(answer.url)).status_code == 200, "the one who began it may still finish"


def test_oidc_the_same_callback_twice(company: Company) -> None:
    browser, answer = company.stop_before("okta", "callback", ALICE)
    assert page_of(browser.open(answer.url)).status_code == 200
    page = page_of(browser.open(answer.url))
    assert page.status_code == 400
    assert company.gateway.last_reason() == "signin.state"


def test_oidc_a_used_code_in_a_new_sign_in(company: Company) -> None:
    """Code injection: the state is the thief's own, the code was Alice's and has been redeemed."""
    hers, answer = company.stop_before("okta", "callback", ALICE)
    assert page_of(hers.open(answer.url)).status_code == 200
    thief, his = company.stop_before("okta", "callback", BOB)
    page = page_of(thief.open(his.url.replace(his.query["code"], answer.query["code"])))
    refused(company, thief, page, "oidc.code")


def test_oidc_a_fresh_code_of_somebody_else(company: Company) -> None:
    """The same with a code that nobody has redeemed: PKCE stops it at the provider."""
    _, hers = company.stop_before("okta", "callback", ALICE)
    thief, his = company.stop_before("okta", "callback", BOB)
    page = page_of(thief.open(his.url.replace(his.query["code"], hers.query["code"])))
    refused(company, thief, page, "oidc.code")


def test_oidc_an_answer_that_names_another_issuer(company: Company) -> None:
    browser, answer = company.stop_before("okta", "callback", ALICE)
    page = page_of(browser.open(re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", answer.url)))
    refused(company, browser, page, "oidc.callback-issuer")


def test_a_new_signing_key_at_the_provider_is_found(company: Company) -> None:
    """oidc-provider is stopped and comes back with another key: the next sign-in fetches the keys anew."""
    company.arrive("okta", ALICE)
    before = requests.get(f"{company.oidc.issuer}/jwks", timeout=60).json()["keys"][0]["kid"]
    company.oidc.stop()
    company.oidc.rotate()
    company.oidc.start()
    after = requests.get(f"{company.oidc.issuer}/jwks", timeout=60).json()["keys"][0]["kid"]
    assert before != after
    company.arrive("okta", ALICE)


def test_while_the_provider_is_away_people_are_told_so(company: Company) -> None:
    browser, answer = company.stop_before("okta", "callback", ALICE)
    company.oidc.stop()
    try:
        page = page_of(browser.open(answer.url))
        assert page.status_code == 424
        assert "provider_unavailable" in page.text
        assert not company.is_signed_in(browser)
    finally:
        company.oidc.start()
    company.arrive("okta", ALICE)
