"""SimpleSAMLphp as a careful company sets it up: it wants signed requests and encrypts its assertions.

One gateway that it knows as four applications, which differ in what they allow:

    careful     signs, decrypts, takes AES-CBC inside a signed Response and nothing unencrypted
    modern      signs, decrypts, and refuses AES-CBC as the gateway does unless told otherwise
    unsigned    has a key and does not sign
    portal      takes answers that nobody asked for
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from app.providers.saml import keys
from tests.office import page_of
from tests.servers.browser import Browser, Stopped
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.servers.people import ALICE, BOB, Account
from tests.servers.process import LOOPBACK, free_port
from tests.servers.simplesamlphp import SimpleSamlPhp, with_key
from tests.world import Gateway, World

pytestmark = [pytest.mark.needs("simplesamlphp"), pytest.mark.slow]
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"  # the one context that it knows
TOKEN = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
AES128_CBC = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"

_PROVIDER = """
[[provider]]
id = "{id}"
kind = "saml"
label = "SimpleSAMLphp"
metadata = "simplesamlphp.xml"
groups_attribute = "groups"
name_attribute = "mail"
{more}
"""
_MORE = {
    "careful": f'key_files = ["new.pem", "saml.pem"]\nmfa_contexts = ["{PASSWORD}"]\n'
    "allow_cbc_encryption = true\nrequire_encryption = true",
    "modern": 'key_files = ["saml.pem"]',
    "unsigned": 'key_files = ["saml.pem"]\nsign_requests = false',
    "portal": f'key_files = ["saml.pem"]\nidp_initiated = true\nmfa_contexts = ["{TOKEN}"]',
}


@dataclass(frozen=True, slots=True)
class Careful:
    gateway: Gateway
    saml: SimpleSamlPhp

    @property
    def url(self) -> str:
        return self.gateway.url

    def go(self, provider: str, who: Account, browser: Browser | None = None, query: str = "") -> requests.Response:
        browser = browser or Browser()
        return page_of(browser.sign_in(browser.open(f"{self.url}/signin/{provider}{query}"), who.user))

    def stop_before(self, address: str, who: Account, link: str) -> tuple[Browser, Stopped]:
        browser = Browser(until=f"{self.url}/signin/{address}/acs")
        answer = browser.sign_in(browser.open(link), who.user)
        assert isinstance(answer, Stopped), f"{answer.url.partition('?')[0]} {answer.status_code}"
        browser.until = ""
        return browser, answer

    def unasked(self, provider: str) -> str:
        """SimpleSAMLphp's own link to an application."""
        entity_id = f"{self.url}/signin/{provider}/metadata"
        return f"{self.saml.base_url}/saml2/idp/SSOService.php?spentityid={entity_id}"

    def refused(self, page: requests.Response, reason: str) -> None:
        assert page.status_code == 400
        assert self.gateway.last_reason() == reason

    def is_signed_in(self, browser: Browser) -> bool:
        return page_of(browser.open(f"{self.url}/")).url == f"{self.url}/"


@pytest.fixture(scope="module")
def careful(world: World, start_simplesamlphp: StartSimpleSamlPhp) -> Iterator[Careful]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    old, new = (keys.new(datetime.now(UTC), 2048) for _ in range(2))

    def known(provider: str, pem: str, *, encrypt: bool) -> dict[str, Any]:
        return {"AssertionConsumerService": f"{url}/signin/{provider}/acs", **with_key(pem, encrypt=encrypt)}

    applications = {
        f"{url}/signin/{provider}/metadata": known(provider, pem, encrypt=encrypt)
        for provider, pem, encrypt in (
            ("careful", new, True),
            ("modern", old, True),
            ("unsigned", old, False),
            ("portal", old, False),
        )
    }
    saml = start_simplesamlphp(entity_id=f"{url}/nobody", acs=f"{url}/nobody", others=applications)
    tables = "".join(_PROVIDER.format(id=provider, more=more) for provider, more in _MORE.items())
    files = {"simplesamlphp.xml": saml.metadata().decode(), "saml.pem": old, "new.pem": new}
    gateway = world.gateway(tables, "", port=port, files=files)
    yield Careful(gateway, saml)
    assert gateway.process is not None
    gateway.process.stop()


def test_alice_arrives_by_a_signed_request_and_an_encrypted_answer(careful: Careful) -> None:
    browser, answer = careful.stop_before("careful", ALICE, f"{careful.url}/signin/careful")
    xml = base64.b64decode(answer.form["SAMLResponse"])
    assert b"EncryptedAssertion" in xml
    assert b"alice@example.test" not in xml
    page = page_of(browser.post(answer.url, answer.form, careful.saml.base_url))
    assert page.url == f"{careful.url}/"
    assert "alice@example.test" in page.text


def test_simplesamlphp_really_wants_the_signature(careful: Careful) -> None:
    page = page_of(Browser().open(f"{careful.url}/signin/unsigned"))
    assert "no signature found on message" in page.text
    link = requests.get(f"{careful.url}/signin/careful", allow_redirects=False, timeout=60).headers["location"]
    assert "password" in requests.get(link, timeout=60).text
    touched = re.sub(r"RelayState=[^&]{4}", "RelayState=AAAA", link)
    assert "Unable to validate signature on query string" in requests.get(touched, timeout=60).text


def test_simplesamlphp_encrypts_with_cbc_whatever_it_is_asked_for_and_that_is_refused_by_default(
    careful: Careful,
) -> None:
    browser, answer = careful.stop_before("modern", BOB, f"{careful.url}/signin/modern")
    assert AES128_CBC.encode() in base64.b64decode(answer.form["SAMLResponse"])
    page = page_of(browser.post(answer.url, answer.form, careful.saml.base_url))
    careful.refused(page, "saml.encryption-algorithm")
    assert "AES-GCM" in page.text
    assert not careful.is_signed_in(browser)


def test_a_ciphertext_that_was_touched_is_refused_by_its_signature(careful: Careful) -> None:
    browser, answer = careful.stop_before("careful", ALICE, f"{careful.url}/signin/careful")
    xml = base64.b64decode(answer.form["SAMLResponse"])
    at = xml.rindex(b"</xenc:CipherValue>") - 8
    touched = xml[:at] + (b"A" if xml[at : at + 1] != b"A" else b"B") + xml[at + 1 :]
    form = {**answer.form, "SAMLResponse": base64.b64encode(touched).decode()}
    careful.refused(page_of(browser.post(answer.url, form, careful.saml.base_url)), "saml.signed-octets")


def test_a_fresh_sign_in_is_forced_although_the_provider_still_knows_her(careful: Careful) -> None:
    browser = Browser()
    assert careful.go("careful", ALICE, browser).url == f"{careful.url}/"
    assert "SAMLResponse" in page_of(browser.open(f"{careful.url}/signin/careful")).text, "no password is asked for"
    page = page_of(browser.open(f"{careful.url}/signin/careful?max_age=300"))
    assert "password" in page.text.lower()
    assert "SAMLResponse" not in page.text
    assert page_of(browser.sign_in(page, ALICE.user)).url == f"{careful.url}/"


def test_a_second_factor_is_believed_only_if_the_provider_names_it(careful: Careful) -> None:
    assert careful.go("careful", ALICE, query="?mfa=1").url == f"{careful.url}/"
    page = careful.go("portal", ALICE, query="?mfa=1")
    careful.refused(page, "saml.step-up-mfa")
    assert "second factor" in page.text


def test_unasked_it_asks_alice_before_she_is_in(careful: Careful) -> None:
    browser, answer = careful.stop_before("portal", ALICE, careful.unasked("portal"))
    question = page_of(browser.post(answer.url, answer.form, careful.saml.base_url))
    assert question.status_code == 200
    assert "alice@example.test" in question.text
    assert not careful.is_signed_in(browser)
    ticket = BeautifulSoup(question.text, "html.parser").select_one("input[name=ticket]")
    assert ticket is not None
    form = {"ticket": str(ticket["value"]), "answer": "yes"}
    page = page_of(browser.post(f"{careful.url}/signin/resume", form, careful.url))
    assert "alice@example.test" in page.text
    assert careful.is_signed_in(browser)
    careful.refused(page_of(Browser().post(answer.url, answer.form, careful.saml.base_url)), "saml.replay")


def test_unasked_is_refused_where_it_was_not_allowed(careful: Careful) -> None:
    browser, answer = careful.stop_before("careful", ALICE, careful.unasked("careful"))
    page = page_of(browser.post(answer.url, answer.form, careful.saml.base_url))
    assert page.status_code == 400
    assert careful.gateway.last_reason() == "saml.unasked"
    assert not careful.is_signed_in(browser)
