"""Responses for AssumeRoleWithSAML, verified by software that is not ours: xmlsec1's library and python3-saml."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import xmlsec
from lxml import etree
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.core.roles import ProviderArn, RoleArn
from app.minting.claims import SessionClaims
from app.minting.keys import SigningKeys
from app.minting.saml_assertions import entity_id, metadata, mint_response
from tests.core.people import NOW
from tests.minting.conftest import ISSUER, ROLE, SAML_PROVIDER, claims

NS = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
AWS = "https://aws.amazon.com/SAML/Attributes/"


def minted(keys: SigningKeys, said: SessionClaims | None = None) -> Any:
    return etree.fromstring(base64.b64decode(mint_response(said or claims(), ISSUER, keys, NOW), validate=True))


def certificate(keys: SigningKeys) -> str:
    """As AWS has it: out of the metadata that was registered."""
    parsed = OneLogin_Saml2_IdPMetadataParser.parse(metadata(ISSUER, keys, f"{ISSUER}/").decode())
    found = parsed["idp"]
    return str(found.get("x509cert") or found["x509certMulti"]["signing"][0])


def attributes(response: Any) -> dict[str, list[str]]:
    return {
        found.get("Name").removeprefix(AWS): [value.text for value in found.findall("saml:AttributeValue", NS)]
        for found in response.iterfind(".//saml:Attribute", NS)
    }


def one(response: Any, path: str) -> Any:
    (found,) = response.xpath(path, namespaces=NS)
    return found


@pytest.mark.parametrize("path", ["/samlp:Response/ds:Signature", "/samlp:Response/saml:Assertion/ds:Signature"])
def test_python3_saml_verifies_both_signatures_with_the_published_certificate(keys: SigningKeys, path: str) -> None:
    text = etree.tostring(minted(keys))
    pem = OneLogin_Saml2_Utils.format_cert(certificate(keys))
    assert OneLogin_Saml2_Utils.validate_sign(text, pem, xpath=path, raise_exceptions=True)


@pytest.mark.parametrize("parent", ["samlp:Response", "saml:Assertion"])
def test_plain_xmlsec_verifies_them_too_and_refuses_any_change(keys: SigningKeys, parent: str) -> None:
    response = minted(keys)
    element = one(response, f"//{parent}")
    _verify(element, keys)
    one(response, "//saml:Subject/saml:NameID").text = "p-somebody-else"
    with pytest.raises(xmlsec.VerificationError):
        _verify(element, keys)


def test_the_signature_stands_where_the_schema_wants_it_and_is_modern(keys: SigningKeys) -> None:
    response = minted(keys)
    for element in (response, one(response, "saml:Assertion")):
        assert [etree.QName(child).localname for child in element][:2] == ["Issuer", "Signature"]
        assert one(element, "ds:Signature/ds:SignedInfo/ds:Reference").get("URI") == f"#{element.get('ID')}"
    algorithms = set(response.xpath("//@Algorithm"))
    assert not [name for name in algorithms if "sha1" in name]
    assert "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" in algorithms


def test_it_says_what_the_iam_guide_asks_for(keys: SigningKeys) -> None:
    response = minted(keys, claims(Team="payments", CostCenter="4711"))
    assert attributes(response) == {
        "Role": [f"{ROLE},{SAML_PROVIDER}"],
        "RoleSessionName": [claims().session_name],
        "SourceIdentity": [claims().source_identity],
        "PrincipalTag:Team": ["payments"],
        "PrincipalTag:CostCenter": ["4711"],
        "TransitiveTagKeys": ["CostCenter"],
    }
    now, end = "2026-11-21T12:00:00.000Z", "2026-11-21T12:05:00.000Z"
    assert set(response.xpath("//@IssueInstant | //@AuthnInstant")) == {now}
    assert set(response.xpath("//@NotOnOrAfter")) == {end}
    data = one(response, "//saml:SubjectConfirmation/saml:SubjectConfirmationData")
    assert data.get("Recipient") == response.get("Destination") == "https://signin.aws.amazon.com/saml"
    assert one(response, "//saml:Audience").text == "urn:amazon:webservices"
    assert {found.text for found in response.iterfind(".//saml:Issuer", NS)} == {entity_id(ISSUER)}
    name = one(response, "//saml:NameID")
    assert (name.text, name.get("Format").rpartition(":")[2]) == (claims().subject, "persistent")


@pytest.mark.parametrize(
    ("partition", "recipient", "audience"),
    [
        ("aws", "https://signin.aws.amazon.com/saml", "urn:amazon:webservices"),
        ("aws-us-gov", "https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices:govcloud"),
        ("aws-cn", "https://signin.amazonaws.cn/saml", "urn:amazon:webservices:cn-north-1"),
    ],
)
def test_each_partition_gets_its_own_recipient_and_audience(
    keys: SigningKeys, partition: str, recipient: str, audience: str
) -> None:
    role = RoleArn(ROLE.replace("arn:aws:", f"arn:{partition}:"))
    response = minted(keys, claims(role, ProviderArn(SAML_PROVIDER.replace("arn:aws:", f"arn:{partition}:"))))
    assert one(response, "//saml:SubjectConfirmationData").get("Recipient") == recipient
    assert one(response, "//saml:Audience").text == audience


def test_no_two_responses_share_an_id(keys: SigningKeys) -> None:
    ids = [found for _ in range(5) for found in minted(keys).xpath("//@ID")]
    assert len(set(ids)) == 10
    assert all(found[0] == "_" and len(found) == 33 for found in ids)


def test_tags_in_any_script_arrive_as_they_are(keys: SigningKeys) -> None:
    said = {"Team": "Zürich 東京 \u2028 ١٢", "Größe": "a=b:c/d@e"}
    found = attributes(minted(keys, claims(**said)))
    assert {name: found[f"PrincipalTag:{name}"] for name in said} == {name: [text] for name, text in said.items()}


def test_many_tags_still_fit_into_what_sts_takes(keys: SigningKeys) -> None:
    tags = {f"key{n}".ljust(128, "k"): "é" * 256 for n in range(20)}
    assert len(mint_response(claims(**tags), ISSUER, keys, NOW)) < 100_000


def test_iam_can_read_the_metadata_and_finds_both_keys(keys: SigningKeys) -> None:
    text = metadata(ISSUER, keys, f"{ISSUER}/")
    assert 1_000 <= len(text.decode()) <= 10_000_000  # CreateSAMLProvider, SAMLMetadataDocument
    assert not text.startswith(b"\xef\xbb\xbf")
    parsed = OneLogin_Saml2_IdPMetadataParser.parse(text.decode())["idp"]
    assert parsed["entityId"] == f"{ISSUER}/issuer/saml-metadata.xml"
    assert parsed["singleSignOnService"]["url"] == f"{ISSUER}/"
    assert parsed["x509certMulti"]["signing"] == [key.certificate_base64 for key in keys.keys]


def test_metadata_with_one_key_is_long_enough_too(keys: SigningKeys) -> None:
    assert len(metadata("https://a.b", SigningKeys(keys.keys[:1]), "https://a.b/").decode()) >= 1_000


def _verify(element: Any, keys: SigningKeys) -> None:
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(keys.newest.certificate_pem, xmlsec.constants.KeyDataFormatCertPem)
    context.register_id(element, "ID")
    context.verify(one(element, "ds:Signature"))
