"""Single Logout with SimpleSAMLphp, begun at either end, through a running gateway and scripted browsers.

Both sides sign and both insist on the other's signature, as a company would have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from bs4 import BeautifulSoup

from app.providers.saml import keys
from tests.office import page_of
from tests.prompt import bearer
from tests.real_providers.conftest import PROVIDERS
from tests.servers.browser import Browser, Stopped
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.servers.people import ALICE, BOB, Account
from tests.servers.process import LOOPBACK, free_port
from tests.servers.simplesamlphp import SimpleSamlPhp, with_logout
from tests.world import READ_ONLY, UPDATE_APP, Gateway, World

pytestmark = [pytest.mark.needs("simplesamlphp"), pytest.mark.slow]

PROVIDER = PROVIDERS.partition('\n[[provider]]\nid = "okta"')[0] + 'key_files = ["saml.pem"]\n'
RULES = f"""
[[rule]]
id = "ssp-developers"
provider = "ssp"
groups = ["aws-developers"]
roles = ["{UPDATE_APP}"]
[[rule]]
id = "ssp-readonly"
provider = "ssp"
groups = ["aws-readonly"]
roles = ["{READ_ONLY}"]
"""


class Company:
    def __init__(self, gateway: Gateway, saml: SimpleSamlPhp) -> None:
        self.gateway, self.saml, self.url = gateway, saml, gateway.url

    @property
    def slo(self) -> str:
        return f"{self.url}/signin/ssp/logout"

    def arrive(self, who: Account, browser: Browser | None = None) -> Browser:
        browser = browser or Browser()
        page = page_of(browser.sign_in(browser.open(f"{self.url}/signin/ssp"), who.user))
        assert page.url == f"{self.url}/", f"{who.name} came to {page.url.partition('?')[0]}: {page.status_code}"
        return browser

    def is_signed_in(self, browser: Browser) -> bool:
        return page_of(browser.open(f"{self.url}/")).url == f"{self.url}/"

    def is_known_there(self, browser: Browser) -> bool:
        """Would SimpleSAMLphp let this browser in without a password?"""
        page = page_of(browser.open(f"{self.url}/signin/ssp"))
        return "SAMLResponse" in page.text

    def sign_out(self, browser: Browser) -> requests.Response | Stopped:
        """Press the button, and go on to where the page leads."""
        page = BeautifulSoup(page_of(browser.open(f"{self.url}/")).text, "html.parser")
        csrf = page.select_one("form[action='/signout'] input[name=csrf]")
        assert csrf is not None
        onward = page_of(browser.post(f"{self.url}/signout", {"csrf": str(csrf["value"])}, self.url))
        led = BeautifulSoup(onward.text, "html.parser").select_one("a.button[href^='/signout/onward']")
        assert led is not None, onward.text
        return browser.open(self.url + str(led["href"]))

    def sign_out_there(self, browser: Browser) -> requests.Response | Stopped:
        """SimpleSAMLphp's own sign-out, which tells every application in turn."""
        address = f"{self.saml.base_url}/saml2/idp/initSLO.php"
        return browser.open(f"{address}?RelayState={self.saml.base_url}/saml2/idp/metadata.php")

    def last(self, kind: str) -> dict[str, object]:
        return [event for event in self.gateway.events() if event["kind"] == kind][-1]


@pytest.fixture(scope="module")
def company(world: World, start_simplesamlphp: StartSimpleSamlPhp) -> Iterator[Company]:
    port, pem = free_port(), keys.new(datetime.now(UTC))
    url = f"http://{LOOPBACK}:{port}"
    entity_id, acs, slo = (f"{url}/signin/ssp/{name}" for name in ("metadata", "acs", "logout"))
    saml = start_simplesamlphp(entity_id=entity_id, acs=acs, remote=with_logout(slo, pem))
    files = {"simplesamlphp.xml": saml.metadata().decode(), "saml.pem": pem}
    gateway = world.gateway(PROVIDER, RULES, port=port, files=files)
    yield Company(gateway, saml)
    assert gateway.process is not None
    gateway.process.stop()


def test_alice_signs_out_here_and_is_signed_out_there(company: Company) -> None:
    browser = company.arrive(ALICE)
    assert company.is_known_there(browser)
    browser = company.arrive(ALICE)
    page = page_of(company.sign_out(browser))
    assert page.status_code == 200
    assert page.url.startswith(f"{company.url}/signout")
    assert "has confirmed it" in page.text
    assert not company.is_signed_in(browser)
    assert not company.is_known_there(browser), "the password is asked for again"


def test_alice_signs_out_there_and_is_signed_out_here(company: Company) -> None:
    browser = company.arrive(ALICE)
    tokens = bearer(company.url, browser)
    page = page_of(company.sign_out_there(browser))
    assert page.status_code == 200
    assert page.url.startswith(company.saml.base_url), "SimpleSAMLphp took our answer"
    assert not company.is_signed_in(browser)
    answer = requests.get(f"{company.url}/api/v1/me", headers={"Authorization": f"Bearer {tokens.access}"}, timeout=10)
    assert answer.status_code == 401, "her terminal has ended with her browser"
    assert company.last("session.ended_by_provider")["facts"] == {"ended": 2}


def test_bob_stays_when_alice_is_signed_out(company: Company) -> None:
    alice, bob = company.arrive(ALICE), company.arrive(BOB)
    company.sign_out_there(alice)
    assert not company.is_signed_in(alice)
    assert company.is_signed_in(bob)


def test_her_other_browser_stays_for_it_is_another_session(company: Company) -> None:
    office, home = company.arrive(ALICE), company.arrive(ALICE)
    company.sign_out_there(office)
    assert not company.is_signed_in(office)
    assert company.is_signed_in(home)


def test_simplesamlphp_asks_with_a_signed_request_that_works_once(company: Company) -> None:
    browser = company.arrive(ALICE, Browser())
    browser.until = company.slo
    asked = company.sign_out_there(browser)
    assert isinstance(asked, Stopped)
    assert {"SAMLRequest", "SigAlg", "Signature"} <= set(asked.query)
    browser.until = company.saml.base_url
    first = browser.open(asked.url)
    assert isinstance(first, Stopped)
    assert {"SAMLResponse", "SigAlg", "Signature"} <= set(first.query)
    again = requests.get(asked.url, allow_redirects=False, timeout=10)
    assert (again.status_code, "Location" in again.headers) == (400, False)
    assert "saml.logout.replay" in str(company.last("session.end_refused"))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (r"&Signature=[^&]*", "", "unsigned"),
        (r"&Sig(Alg|nature)=[^&]*", "", "unsigned"),
        (r"Signature=....", "Signature=AAAA", "signature"),
        (r"RelayState=[^&]*", "RelayState=https%3A%2F%2Fevil.example", "signature"),
        (r"rsa-sha256", "rsa-sha1", "signature-algorithm"),
    ],
)
def test_a_request_that_was_touched_on_the_way(company: Company, old: str, new: str, reason: str) -> None:
    browser = company.arrive(ALICE, Browser())
    browser.until = company.slo
    asked = company.sign_out_there(browser)
    assert isinstance(asked, Stopped)
    touched = re.sub(old, new, asked.url)
    assert touched != asked.url
    answer = requests.get(touched, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert f"saml.logout.{reason}" in str(company.last("session.end_refused"))
    browser.until = ""
    assert company.is_signed_in(browser)


def test_an_answer_that_was_touched_is_not_taken_for_a_confirmation(company: Company) -> None:
    browser = company.arrive(ALICE, Browser())
    browser.until = company.slo
    answer = company.sign_out(browser)
    assert isinstance(answer, Stopped)
    browser.until = ""
    page = page_of(browser.open(re.sub(r"Signature=....", "Signature=AAAA", answer.url)))
    assert page.status_code == 200
    assert "has confirmed it" not in page.text
    assert "without saying whether it did" in page.text
    assert not company.is_signed_in(browser), "here it ended before anybody was asked"


def test_our_metadata_tells_simplesamlphp_what_it_needs(company: Company) -> None:
    text = requests.get(f"{company.url}/signin/ssp/metadata", timeout=10).text
    assert f'Location="{company.slo}"' in text
    assert 'use="signing"' in text


JUNK = (
    "",
    "SAMLRequest",
    "SAMLRequest=&SAMLResponse=",
    "SAMLRequest=%00&SigAlg=%00&Signature=%00",
    "SAMLRequest=%ff%fe&RelayState=%ff&SigAlg=%ff&Signature=%ff",
    "SAMLRequest=" + "A" * 7000,
    "SAMLRequest=7c&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA",
    "SAMLRequest=PHg%2BPC94Pg%3D%3D&SAMLRequest=PHg%2BPC94Pg%3D%3D",
    "&".join(f"a{number}=1" for number in range(300)),
    "logout_token=x",
)


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_what_is_no_message_is_nobodys_sign_out(company: Company, junk: str) -> None:
    for answer in (
        requests.get(f"{company.slo}?{junk}", allow_redirects=False, timeout=10),
        requests.post(
            company.slo,
            junk,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            allow_redirects=False,
            timeout=10,
        ),
    ):
        assert 400 <= answer.status_code < 500 or answer.headers.get("Location") == "/signout", answer.status_code


def test_a_form_larger_than_any_message_is_not_read(company: Company) -> None:
    assert requests.post(company.slo, {"SAMLRequest": "A" * 400_000}, timeout=10).status_code in (400, 413)
