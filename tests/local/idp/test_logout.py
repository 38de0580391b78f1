"""SAML Single Logout at the local provider, with an application that signs and verifies by its own code."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from app.local.cast import ALICE, BOB
from app.local.idp import keys
from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LocalIdp
from tests.local.idp.conftest import APP
from tests.servers import applications
from tests.servers.browser import Browser, Stopped, User

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ENTITY, SLO = f"{APP}/saml/metadata", f"{APP}/saml/slo"
KEY = keys.make("the application", lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def idp() -> Iterator[LocalIdp]:
    oidc = OidcApplication("fedgate", Secret("local:test secret"), f"{APP}/oidc/callback")
    saml = SamlApplication(ENTITY, f"{APP}/saml/acs", SLO, KEY.certificate_pem)
    with LocalIdp(Registration(saml, oidc)) as running:
        yield running


def session_of(idp: LocalIdp, who: str) -> tuple[str, dict[str, str], str]:
    """Sign in; the NameID with its attributes, and the SessionIndex."""
    metadata = requests.get(idp.addresses.saml_entity_id, timeout=60).content
    url, _ = applications.SamlApplication(ENTITY, f"{APP}/saml/acs", metadata).ask()
    browser = Browser(until=APP)
    answer = browser.sign_in(browser.open(url), User(who))
    assert isinstance(answer, Stopped)
    root = etree.fromstring(base64.b64decode(answer.form["SAMLResponse"]))
    name, statement = root.find(f".//{{{SAML}}}NameID"), root.find(f".//{{{SAML}}}AuthnStatement")
    assert name is not None
    assert statement is not None
    return name.text or "", {str(k): str(v) for k, v in name.attrib.items()}, statement.get("SessionIndex") or ""


def message(idp: LocalIdp, name: str, *, issuer: str = ENTITY, when: datetime | None = None, **extra: str) -> bytes:
    issued = (when or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"ID": "_m1", "Version": "2.0", "IssueInstant": issued, "Destination": idp.addresses.saml_slo, **extra}
    root = etree.Element(f"{{{SAMLP}}}{name}", said)
    etree.SubElement(root, f"{{{SAML}}}Issuer").text = issuer
    return etree.tostring(root)


def request(idp: LocalIdp, text: str, attributes: dict[str, str], index: str, **how: object) -> bytes:
    root = etree.fromstring(message(idp, "LogoutRequest", **how))  # type: ignore[arg-type]  # passed on as they are
    etree.SubElement(root, f"{{{SAML}}}NameID", attributes).text = text
    etree.SubElement(root, f"{{{SAMLP}}}SessionIndex").text = index
    return etree.tostring(root)


def signed(name: str, xml: bytes, relay_state: str = "r-1", key: keys.SigningKey = KEY) -> str:
    packer = zlib.compressobj(wbits=-15)
    encoded = base64.b64encode(packer.compress(xml) + packer.flush()).decode()
    query = f"{name}={quote(encoded, safe='')}&RelayState={relay_state}&SigAlg={quote(RSA_SHA256, safe='')}"
    private = serialization.load_pem_private_key(key.private_pem, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    value = private.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{query}&Signature={quote(base64.b64encode(value), safe='')}"


def go(idp: LocalIdp, query: str) -> requests.Response:
    return requests.get(f"{idp.addresses.saml_slo}?{query}", allow_redirects=False, timeout=60)


def came(answer: requests.Response, name: str, idp: LocalIdp) -> tuple[etree._Element, str]:
    """The message with which the provider sends the browser to the application, its signature verified."""
    assert answer.status_code == 303, answer.text
    address, _, query = answer.headers["Location"].partition("?")
    assert address == SLO
    parts = dict(part.partition("=")[::2] for part in query.split("&"))
    octets = query.rpartition("&Signature=")[0]
    metadata = etree.fromstring(requests.get(idp.addresses.saml_entity_id, timeout=60).content)
    body = metadata.findtext(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate") or ""
    key = x509.load_der_x509_certificate(base64.b64decode(body)).public_key()
    unquoted = Stopped(answer.headers["Location"]).query
    value = base64.b64decode(unquoted["Signature"])
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(value, octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert name in parts
    return etree.fromstring(zlib.decompress(base64.b64decode(unquoted[name]), -15)), unquoted.get("RelayState", "")


def whose(idp: LocalIdp) -> list[str]:
    page = requests.get(f"{idp.addresses.base_url}/saml/sessions", timeout=60)
    assert page.status_code == 200
    return re.findall(r'name="session" value="([^"]+)"', page.text)


def test_the_metadata_says_where(idp: LocalIdp) -> None:
    root = etree.fromstring(requests.get(idp.addresses.saml_entity_id, timeout=60).content)
    service = root.find(f"{MD}IDPSSODescriptor/{MD}SingleLogoutService")
    assert service is not None
    assert service.get("Location") == idp.addresses.saml_slo
    assert urlsplit(service.get("Binding") or "").path.endswith("HTTP-Redirect")


def test_the_application_signs_alice_out(idp: LocalIdp) -> None:
    text, attributes, index = session_of(idp, "alice")
    assert index in whose(idp)
    answer = go(idp, signed("SAMLRequest", request(idp, text, attributes, index)))
    response, relay_state = came(answer, "SAMLResponse", idp)
    assert (response.get("InResponseTo"), response.get("Destination"), relay_state) == ("_m1", SLO, "r-1")
    code = response.find(f".//{{{SAMLP}}}StatusCode")
    assert code is not None
    assert (code.get("Value") or "").endswith(":Success")
    assert index not in whose(idp)


def test_the_provider_signs_bob_out_and_hears_that_it_is_done(idp: LocalIdp) -> None:
    text, attributes, index = session_of(idp, "bob")
    address = f"{idp.addresses.base_url}/saml/sessions"
    sent, relay_state = came(
        requests.post(address, {"session": index}, allow_redirects=False, timeout=60), "SAMLRequest", idp
    )
    name = sent.find(f"{{{SAML}}}NameID")
    assert name is not None
    assert (name.text, {str(k): str(v) for k, v in name.attrib.items()}) == (text, attributes)
    assert text == BOB.subject
    assert sent.findtext(f"{{{SAMLP}}}SessionIndex") == index
    assert index not in whose(idp), "over here, whatever the application says"
    root = etree.fromstring(message(idp, "LogoutResponse", InResponseTo=sent.get("ID") or ""))
    status = etree.SubElement(root, f"{{{SAMLP}}}Status")
    code = etree.SubElement(status, f"{{{SAMLP}}}StatusCode", Value="urn:oasis:names:tc:SAML:2.0:status:Success")
    page = go(idp, signed("SAMLResponse", etree.tostring(root), relay_state))
    assert page.status_code == 200
    assert "its sessions are over" in page.text
    code.set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
    page = go(idp, signed("SAMLResponse", etree.tostring(root), relay_state))
    assert "could not end all" in page.text
    assert go(idp, signed("SAMLResponse", etree.tostring(root), "_another")).status_code == 400


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("another issuer", {"issuer": "https://evil.example"}),
        ("another destination", {"Destination": "https://evil.example"}),
        ("of yesterday", {"when": datetime.now(UTC) - timedelta(days=1)}),
        ("another version", {"Version": "1.1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_nothing_for(idp: LocalIdp, what: str, how: dict[str, object]) -> None:
    text, attributes, index = session_of(idp, "alice")
    assert go(idp, signed("SAMLRequest", request(idp, text, attributes, index, **how))).status_code == 400
    assert index in whose(idp)


def test_it_does_nothing_for_a_stranger(idp: LocalIdp) -> None:
    text, attributes, index = session_of(idp, "alice")
    xml = request(idp, text, attributes, index)
    stranger = keys.make("a stranger", lambda: datetime.now(UTC))
    good = signed("SAMLRequest", xml)
    for query in (
        signed("SAMLRequest", xml, key=stranger),
        good.rpartition("&Signature=")[0],
        good.replace("RelayState=r-1", "RelayState=r-2"),
        good + "&RelayState=r-2",
        good.replace("rsa-sha256", "rsa-sha1"),
        "",
        "SAMLRequest=%ff&SigAlg=%ff&Signature=%ff",
    ):
        assert go(idp, query).status_code == 400, query
    assert index in whose(idp)


def test_a_name_that_was_not_given_is_nobody(idp: LocalIdp) -> None:
    _, attributes, index = session_of(idp, "alice")
    other = {**attributes, "SPNameQualifier": "https://other.example"}
    assert go(idp, signed("SAMLRequest", request(idp, ALICE.subject, other, index))).status_code == 400
    assert index in whose(idp)


def test_a_session_is_ended_once(idp: LocalIdp) -> None:
    address = f"{idp.addresses.base_url}/saml/sessions"
    for index in ("", "_nobodys"):
        assert requests.post(address, {"session": index}, allow_redirects=False, timeout=60).status_code == 400
