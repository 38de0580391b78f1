"""Our own verification, beside the library's: of what another program signs, in the forms that providers write."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
import xmlsec
from cryptography.hazmat.primitives import serialization
from lxml import etree

from app.errors import SignInRefused
from app.providers.saml.signatures import check_signature
from app.providers.saml.signed import signed_element
from tests.forges.saml import DS, EXC, SAML, SamlForge, build

PREFIXES = "xs xsi saml #default"


def signed_by_xmlsec(forge: SamlForge, prefix: str | None, listed: bool) -> etree._Element:
    draft = forge.draft("https://a.example/acs", "https://a.example", "_r", datetime.now(UTC), typed=True)
    root = build(draft)
    assertion = root.find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    transform = xmlsec.Transform
    signature = xmlsec.template.create(assertion, transform.EXCL_C14N, transform.RSA_SHA256, ns=prefix)
    assertion.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, transform.SHA256, uri=f"#{draft.assertion_id}")
    xmlsec.template.add_transform(reference, transform.ENVELOPED)
    exclusive = xmlsec.template.add_transform(reference, transform.EXCL_C14N)
    if listed:
        for step in (exclusive, signature[0][0]):
            etree.SubElement(step, f"{{{EXC}}}InclusiveNamespaces", {"PrefixList": PREFIXES})
    xmlsec.tree.add_ids(root, ["ID"])
    pem = forge.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.sign(signature)
    found = etree.fromstring(etree.tostring(root)).find(f"{{{SAML}}}Assertion")
    assert found is not None
    return found


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("prefix", [None, "ds", "dsig"])
def test_what_xmlsec_signs_is_verified_whatever_its_prefixes(
    saml_forge: SamlForge, prefix: str | None, listed: bool
) -> None:
    assertion = signed_by_xmlsec(saml_forge, prefix, listed)
    signature = assertion.find(f"{{{DS}}}Signature")
    assert signature is not None
    check_signature(signature, assertion)
    believed = [base64.b64encode(saml_forge.certificate).decode()]
    read = signed_element(assertion, believed)
    assert read.get("ID") == assertion.get("ID")
    assert read.find(f"{{{DS}}}Signature") is None
    with pytest.raises(SignInRefused) as caught:
        signed_element(assertion, [base64.b64encode(SamlForge().certificate).decode()])
    assert caught.value.reason == "saml.signature"


@pytest.mark.parametrize(("path", "reason"), [("Issuer", "saml.signed-octets"), ("Signature", "saml.signature")])
def test_a_changed_text_or_a_changed_promise_about_it_is_refused(saml_forge: SamlForge, path: str, reason: str) -> None:
    assertion = signed_by_xmlsec(saml_forge, "ds", listed=False)
    if path == "Issuer":
        assertion[0].text = "https://evil.example.com"
    else:  # the digest of another text, which the signature does not cover any more
        digest = assertion.find(f".//{{{DS}}}DigestValue")
        assert digest is not None
        digest.text = base64.b64encode(b"\0" * 32).decode()
    with pytest.raises(SignInRefused) as caught:
        signed_element(assertion, [base64.b64encode(saml_forge.certificate).decode()])
    assert caught.value.reason == reason
