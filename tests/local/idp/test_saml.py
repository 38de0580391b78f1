"""The local provider's SAML, as a foreign service provider in strict mode sees it."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import requests
from lxml import etree

from app.local.cast import ALICE, CAST, DAN, ERIN, CastMember
from app.local.idp.picking import MFA_CONTEXT, PASSWORD_CONTEXT
from app.local.idp.server import LocalIdp
from tests.local.idp.conftest import APP
from tests.servers.applications import PERSISTENT, SamlApplication
from tests.servers.browser import Browser, Stopped, User

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def sign_in(app: SamlApplication, user: User, contexts: list[str] | None = None) -> tuple[Stopped, str]:
    url, request_id = app.ask(contexts)
    browser = Browser(until=APP)
    answer = browser.sign_in(browser.open(url), user)
    assert isinstance(answer, Stopped), answer.text
    return answer, request_id


def tree(answer: Stopped) -> etree._Element:
    return etree.fromstring(base64.b64decode(answer.form["SAMLResponse"]))


def test_alice_arrives_with_her_groups_and_attributes(saml_app: SamlApplication) -> None:
    answer, request_id = sign_in(saml_app, User("alice"))
    auth = saml_app.accept(answer, request_id)
    assert auth.get_errors() == [], auth.get_last_error_reason()
    assert auth.is_authenticated()
    assert (auth.get_nameid(), auth.get_nameid_format()) == (ALICE.subject, PERSISTENT)
    assert auth.get_attributes() == {
        "uid": ["alice"],
        "email": ["alice@example.test"],
        "displayName": ["Alice Adams"],
        "department": ["Payments"],
        "costCenter": ["4711"],
        "groups": ["Developers", "Staff"],
    }
    assert answer.url == saml_app.acs
    assert answer.form["RelayState"] == "relay-1"


@pytest.mark.parametrize("member", CAST, ids=lambda member: member.key)
def test_everybody_of_the_cast_can_sign_in(saml_app: SamlApplication, member: CastMember) -> None:
    auth = saml_app.accept(*sign_in(saml_app, User(member.key)))
    assert auth.get_errors() == []
    assert auth.get_nameid() == member.subject


def test_no_groups_is_not_the_same_as_no_word_about_groups(saml_app: SamlApplication) -> None:
    erin = saml_app.accept(*sign_in(saml_app, User(ERIN.key))).get_attributes()
    dan = saml_app.accept(*sign_in(saml_app, User(DAN.key))).get_attributes()
    assert erin["groups"] == []
    assert "groups" not in dan


@pytest.mark.parametrize(("mfa", "context"), [(False, PASSWORD_CONTEXT), (True, MFA_CONTEXT)])
def test_the_tick_for_mfa_becomes_the_authentication_context(
    saml_app: SamlApplication, mfa: bool, context: str
) -> None:
    auth = saml_app.accept(*sign_in(saml_app, User("alice", mfa=mfa)))
    assert auth.get_last_authn_contexts() == [context]


def test_an_application_that_asks_for_mfa_does_not_get_less(saml_app: SamlApplication) -> None:
    answer, request_id = sign_in(saml_app, User("alice"), [MFA_CONTEXT])
    auth = saml_app.accept(answer, request_id)
    assert not auth.is_authenticated()
    assert "NoAuthnContext" in answer_status(answer)


def test_an_application_that_asks_for_a_password_gets_that_from_somebody_with_mfa(saml_app: SamlApplication) -> None:
    auth = saml_app.accept(*sign_in(saml_app, User("alice", mfa=True), [PASSWORD_CONTEXT]))
    assert auth.get_last_authn_contexts() == [PASSWORD_CONTEXT]


def test_who_picks_nobody_goes_back_with_a_refusal(saml_app: SamlApplication) -> None:
    answer, request_id = sign_in(saml_app, User("nobody"))
    assert not saml_app.accept(answer, request_id).is_authenticated()
    assert "AuthnFailed" in answer_status(answer)
    assert tree(answer).find(f"{SAML}Assertion") is None


def answer_status(answer: Stopped) -> str:
    return "".join(str(code) for code in tree(answer).xpath("//@Value"))  # type: ignore[union-attr]


def test_an_answer_to_another_request_is_not_accepted(saml_app: SamlApplication) -> None:
    answer, _ = sign_in(saml_app, User("alice"))
    assert not saml_app.accept(answer, "_another").is_authenticated()


def test_a_changed_answer_does_not_verify(saml_app: SamlApplication) -> None:
    answer, request_id = sign_in(saml_app, User("bob"))
    xml = base64.b64decode(answer.form["SAMLResponse"]).replace(b">Staff<", b">Admins<")
    forged = Stopped(answer.url, {**answer.form, "SAMLResponse": base64.b64encode(xml).decode()})
    assert not saml_app.accept(forged, request_id).is_authenticated()


def test_the_answer_is_for_one_application_for_five_minutes(saml_app: SamlApplication) -> None:
    answer, request_id = sign_in(saml_app, User("alice"))
    root = tree(answer)
    [data] = root.iter(f"{SAML}SubjectConfirmationData")
    [conditions] = root.iter(f"{SAML}Conditions")
    assert (root.get("Destination"), root.get("InResponseTo")) == (saml_app.acs, request_id)
    assert (data.get("Recipient"), data.get("InResponseTo")) == (saml_app.acs, request_id)
    assert root.findtext(f".//{SAML}Audience") == saml_app.entity_id
    window = moment(conditions.get("NotOnOrAfter")) - moment(conditions.get("NotBefore"))
    assert window == timedelta(minutes=5)
    assert data.get("NotOnOrAfter") == conditions.get("NotOnOrAfter")


def test_only_sha256_and_exclusive_canonicalization_are_used(saml_app: SamlApplication) -> None:
    answer, _ = sign_in(saml_app, User("alice"))
    used = {str(value).rpartition("/")[2] for value in tree(answer).xpath("//@Algorithm")}  # type: ignore[union-attr]
    assert used == {"xml-exc-c14n#", "xmldsig-more#rsa-sha256", "xmldsig#enveloped-signature", "xmlenc#sha256"}
    assert len(tree(answer).findall(".//{http://www.w3.org/2000/09/xmldsig#}Signature")) == 2


def moment(text: str | None) -> datetime:
    assert text
    return datetime.fromisoformat(text)


def request_for(idp: LocalIdp, xml: str) -> requests.Response:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(xml.encode()) + packer.flush()
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode()})
    return requests.get(f"{idp.addresses.saml_sso}?{query}", timeout=60)


def request_xml(idp: LocalIdp, **changes: str) -> str:
    attributes = {
        "ID": "_1",
        "Version": "2.0",
        "IssueInstant": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Destination": idp.addresses.saml_sso,
        "AssertionConsumerServiceURL": f"{APP}/saml/acs",
    }
    issuer = changes.pop("issuer", f"{APP}/saml/metadata")
    doctype = changes.pop("doctype", "")
    inside = changes.pop("inside", "")
    written = " ".join(f'{name}="{value}"' for name, value in {**attributes, **changes}.items())
    return (
        f'{doctype}<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" '
        f'xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" {written}>'
        f"<a:Issuer>{issuer}</a:Issuer>{inside}</p:AuthnRequest>"
    )


def test_a_request_in_order_shows_the_page(idp: LocalIdp) -> None:
    page = request_for(idp, request_xml(idp))
    assert page.status_code == 200
    assert "Pick who you are" in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://127.0.0.1:9/stranger"},
        {"AssertionConsumerServiceURL": "http://127.0.0.1:10/stolen"},
        {"Destination": "http://127.0.0.1:10/saml/sso"},
        {"IssueInstant": "2020-01-01T00:00:00Z"},
        {"IssueInstant": "2020-01-01T00:00:00"},
        {"IssueInstant": "soon"},
        {"ID": "1 2"},
        {"Version": "1.1"},
        {"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"},
        {"doctype": '<!DOCTYPE x [<!ENTITY e "e">]>'},
        {"inside": '<p:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"/>'},
    ],
    ids=str,
)
def test_a_request_out_of_order_is_refused_with_a_page(idp: LocalIdp, changes: dict[str, str]) -> None:
    page = request_for(idp, request_xml(idp, **changes))
    assert page.status_code == 400
    assert "That request cannot be read" in page.text


def test_a_deflate_bomb_is_refused_before_it_fills_the_memory(idp: LocalIdp) -> None:
    page = request_for(idp, request_xml(idp, inside=" " * 5_000_000))
    assert page.status_code == 400
    assert "too long" in page.text


@pytest.mark.parametrize("message", ["", "%%%", "AAAA", "é", "a" * 20_000])
def test_what_is_not_a_request_is_refused_with_a_page(idp: LocalIdp, message: str) -> None:
    page = requests.get(idp.addresses.saml_sso, params={"SAMLRequest": message}, timeout=60)
    assert page.status_code == 400


def test_a_passive_request_is_answered_without_a_page(saml_app: SamlApplication, idp: LocalIdp) -> None:
    page = request_for(idp, request_xml(idp, IsPassive="true"))
    assert "Pick who you are" not in page.text
    browser = Browser(until=APP)
    answer = browser.sign_in(page, User("nobody"))
    assert isinstance(answer, Stopped)
    assert "NoPassive" in answer_status(answer)
    assert not saml_app.accept(answer, "_1").is_authenticated()
