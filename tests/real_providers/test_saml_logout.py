"""Single Logout with SimpleSAMLphp, begun at either end, through a running gateway and scripted browsers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup

from tests.forges.saml_logout import RESPONSE, inflated
from tests.office import page_of
from tests.prompt import bearer
from tests.real_providers.parting import Parting, open_parting
from tests.servers.browser import Browser, Stopped
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.servers.people import ALICE, BOB
from tests.world import World

pytestmark = [pytest.mark.needs("simplesamlphp"), pytest.mark.slow]


@pytest.fixture(scope="module")
def parting(world: World, start_simplesamlphp: StartSimpleSamlPhp) -> Iterator[Parting]:
    with open_parting(world, start_simplesamlphp) as found:
        yield found


def test_alice_signs_out_here_and_is_signed_out_there(parting: Parting) -> None:
    browser = parting.arrive(ALICE)
    assert parting.is_known_there(browser)
    browser = parting.arrive(ALICE)
    page = page_of(parting.sign_out(browser))
    assert page.status_code == 200
    assert page.url.startswith(f"{parting.url}/signout")
    assert "has confirmed it" in page.text
    assert not parting.is_signed_in(browser)
    assert not parting.is_known_there(browser), "the password is asked for again"


def test_alice_signs_out_there_and_is_signed_out_here(parting: Parting) -> None:
    browser = parting.arrive(ALICE)
    tokens = bearer(parting.url, browser)
    page = page_of(parting.sign_out_there(browser))
    assert page.status_code == 200
    assert page.url.startswith(parting.saml.base_url), "SimpleSAMLphp took our answer"
    assert not parting.is_signed_in(browser)
    answer = requests.get(f"{parting.url}/api/v1/me", headers={"Authorization": f"Bearer {tokens.access}"}, timeout=60)
    assert answer.status_code == 401, "her terminal has ended with her browser"
    assert parting.last("session.ended_by_provider")["facts"] == {"ended": 2}


def test_by_post_alice_signs_out_here_and_is_signed_out_there(parting: Parting) -> None:
    by_post = parting.by_post
    browser = by_post.arrive(ALICE, Browser())
    browser.until = f"{parting.saml.base_url}/saml2/idp/SingleLogoutService.php"
    leaving = by_post.sign_out(browser)
    form = BeautifulSoup(page_of(leaving).text, "html.parser").select_one("main form")
    assert form is not None
    assert form.select_one("button:not([name])"), "for a browser without scripts"
    asked = browser.carry_on(leaving)
    assert isinstance(asked, Stopped)
    assert set(asked.form) == {"SAMLRequest", "RelayState"}, "a form, and nothing in the address"
    browser.until = ""
    page = page_of(browser.carry_on(browser.post(asked.url, asked.form, parting.url)))
    assert page.url.startswith(f"{parting.url}/signout")
    assert "has confirmed it" in page.text
    assert not by_post.is_signed_in(browser)
    assert not by_post.is_known_there(browser), "the password is asked for again"


def test_by_post_alice_signs_out_there_and_is_signed_out_here(parting: Parting) -> None:
    by_post = parting.by_post
    browser = by_post.arrive(ALICE, Browser())
    browser.until = by_post.slo
    asked = browser.carry_on(by_post.sign_out_there(browser))
    assert isinstance(asked, Stopped)
    assert "SAMLRequest" in asked.form
    browser.until = ""
    cookies = browser.http.cookies.copy()
    browser.http.cookies.clear()  # as with a form of another site: SameSite=Lax keeps ours away
    answered = page_of(browser.post(asked.url, asked.form, parting.saml.base_url))
    assert "SAMLResponse" in answered.text
    browser.http.cookies.update(cookies)
    page = page_of(browser.carry_on(answered))
    assert page.url.startswith(parting.saml.base_url), "SimpleSAMLphp took our answer"
    assert page.status_code == 200
    assert not by_post.is_signed_in(browser)
    again = requests.post(asked.url, asked.form, allow_redirects=False, timeout=60)
    assert again.status_code == 400
    assert "saml.logout.replay" in str(parting.last("session.end_refused"))


def test_bob_stays_when_alice_is_signed_out(parting: Parting) -> None:
    alice, bob = parting.arrive(ALICE), parting.arrive(BOB)
    parting.sign_out_there(alice)
    assert not parting.is_signed_in(alice)
    assert parting.is_signed_in(bob)


def test_her_other_browser_stays_for_it_is_another_session(parting: Parting) -> None:
    office, home = parting.arrive(ALICE), parting.arrive(ALICE)
    parting.sign_out_there(office)
    assert not parting.is_signed_in(office)
    assert parting.is_signed_in(home)


def test_simplesamlphp_asks_with_a_signed_request_that_works_once(parting: Parting) -> None:
    browser = parting.arrive(ALICE, Browser())
    browser.until = parting.slo
    asked = parting.sign_out_there(browser)
    assert isinstance(asked, Stopped)
    assert {"SAMLRequest", "SigAlg", "Signature"} <= set(asked.query)
    browser.until = parting.saml.base_url
    first = browser.open(asked.url)
    assert isinstance(first, Stopped)
    assert {"SAMLResponse", "SigAlg", "Signature"} <= set(first.query)
    again = requests.get(asked.url, allow_redirects=False, timeout=60)
    assert (again.status_code, "Location" in again.headers) == (400, False)
    assert "saml.logout.replay" in str(parting.last("session.end_refused"))


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
def test_a_request_that_was_touched_on_the_way(parting: Parting, old: str, new: str, reason: str) -> None:
    browser = parting.arrive(ALICE, Browser())
    browser.until = parting.slo
    asked = parting.sign_out_there(browser)
    assert isinstance(asked, Stopped)
    touched = re.sub(old, new, asked.url)
    assert touched != asked.url
    answer = requests.get(touched, allow_redirects=False, timeout=60)
    assert answer.status_code == 400
    assert f"saml.logout.{reason}" in str(parting.last("session.end_refused"))
    browser.until = ""
    assert parting.is_signed_in(browser)


def test_what_cannot_be_recorded_is_not_called_a_success(parting: Parting) -> None:
    browser = parting.arrive(ALICE)
    browser.until = parting.slo
    asked = parting.sign_out_there(browser)
    assert isinstance(asked, Stopped)
    folder = parting.gateway.folder / "audit"
    away = folder.rename(folder.with_name("audit-away"))
    folder.touch()  # a file in the directory's place
    try:
        browser.until = parting.saml.base_url
        answer = browser.open(asked.url)
    finally:
        folder.unlink()
        away.rename(folder)
    assert isinstance(answer, Stopped), "SimpleSAMLphp is told, and can tell her"
    codes = [code.get("Value") or "" for code in inflated(answer.query, RESPONSE).iter("{*}StatusCode")]
    assert [code.rpartition(":")[2] for code in codes] == ["Responder", "PartialLogout"]


def test_an_answer_that_was_touched_is_not_taken_for_a_confirmation(parting: Parting) -> None:
    browser = parting.arrive(ALICE, Browser())
    browser.until = parting.slo
    answer = parting.sign_out(browser)
    assert isinstance(answer, Stopped)
    browser.until = ""
    page = page_of(browser.open(re.sub(r"Signature=....", "Signature=AAAA", answer.url)))
    assert page.status_code == 200
    assert "has confirmed it" not in page.text
    assert "without saying whether it did" in page.text
    assert not parting.is_signed_in(browser), "here it ended before anybody was asked"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (rb"<ds:Signature .*</ds:Signature>", b"", "unsigned"),
        (rb'InResponseTo="_....', b'InResponseTo="_0000', "signed-octets"),
        (rb"<samlp:Status>", b"<samlp:Status ><!-- -->", "structure"),
    ],
)
def test_by_post_an_answer_that_was_touched_is_no_confirmation(
    parting: Parting, old: bytes, new: bytes, reason: str
) -> None:
    by_post = parting.by_post
    browser = by_post.arrive(ALICE, Browser())
    browser.until = by_post.slo
    answer = browser.carry_on(by_post.sign_out(browser))
    assert isinstance(answer, Stopped)
    browser.until = ""
    xml = base64.b64decode(answer.form["SAMLResponse"])
    touched = re.sub(old, new, xml, flags=re.DOTALL)
    assert touched != xml
    form = {**answer.form, "SAMLResponse": base64.b64encode(touched).decode()}
    page = page_of(browser.post(answer.url, form, parting.saml.base_url))
    assert "without saying whether it did" in page.text
    assert f"saml.logout.{reason}" in str(parting.last("session.end_refused"))


def test_our_metadata_tells_simplesamlphp_what_it_needs(parting: Parting) -> None:
    text = requests.get(f"{parting.url}/signin/ssp/metadata", timeout=60).text
    assert f'Location="{parting.slo}"' in text
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
def test_what_is_no_message_is_nobodys_sign_out(parting: Parting, junk: str) -> None:
    for answer in (
        requests.get(f"{parting.slo}?{junk}", allow_redirects=False, timeout=60),
        requests.post(
            parting.slo,
            junk,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            allow_redirects=False,
            timeout=60,
        ),
    ):
        assert 400 <= answer.status_code < 500 or answer.headers.get("Location") == "/signout", answer.status_code


def test_a_form_larger_than_any_message_is_not_read(parting: Parting) -> None:
    assert requests.post(parting.slo, {"SAMLRequest": "A" * 400_000}, timeout=60).status_code in (400, 413)
