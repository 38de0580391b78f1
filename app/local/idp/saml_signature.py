"""Enveloped XML signatures, RSA-SHA256 over exclusive canonical XML (SAML Core 5.4), made by xmlsec."""

from __future__ import annotations

import xmlsec
from lxml import etree

from app.local.idp.authn_request import SAML
from app.local.idp.keys import SigningKey


def sign_response(response: etree._Element, key: SigningKey) -> bytes:
    """The signed document. The Assertion is signed first, because the Response's digest covers it."""
    for assertion in response.findall(f"{{{SAML}}}Assertion"):
        _sign(assertion, key)
    _sign(response, key)
    return etree.tostring(response)


def _sign(element: etree._Element, key: SigningKey) -> None:
    signature = xmlsec.template.create(
        element, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    element.insert(1, signature)  # after the Issuer: the schema has an order
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    xmlsec.tree.add_ids(element, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = _key(key)
    context.sign(signature)


def _key(key: SigningKey) -> xmlsec.Key:
    loaded = xmlsec.Key.from_memory(key.private_pem, xmlsec.constants.KeyDataFormatPem)
    loaded.load_cert_from_memory(key.certificate_pem, xmlsec.constants.KeyDataFormatPem)
    return loaded
