"""Our own metadata, written for a provider's administrator. (SAML metadata 2.0, 2.4.4)

Made of configuration alone, so that it is the same for everybody and forever.
"""

from __future__ import annotations

from lxml import etree

from app.providers.saml.encryption import CBC, GCM
from app.providers.saml.keys import KeyPair
from app.providers.saml.names import (
    DS,
    HTTP_POST,
    HTTP_REDIRECT,
    MD,
    PERSISTENT,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    SAMLP,
    ds,
    md,
)
from app.providers.saml.peers import ServiceProvider

_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


def written(us: ServiceProvider, *, allow_cbc: bool) -> bytes:
    """The document, as application/samlmetadata+xml. The elements are in the order of the schema."""
    entity = etree.Element(md("EntityDescriptor"), {"entityID": us.entity_id}, nsmap={"md": MD, "ds": DS})
    flags = {
        "AuthnRequestsSigned": "true" if us.signing_key else "false",
        "WantAssertionsSigned": "true",
        "protocolSupportEnumeration": SAMLP,
    }
    role = etree.SubElement(entity, md("SPSSODescriptor"), flags)
    for key in us.keys:
        _describe(role, key, "signing")
    for key in us.keys:
        _encryption_methods(_describe(role, key, "encryption"), allow_cbc=allow_cbc)
    if us.keys:  # a logout message is always signed, so that without a key there is no single logout
        for binding in (HTTP_REDIRECT, HTTP_POST):
            etree.SubElement(role, md("SingleLogoutService"), {"Binding": binding, "Location": us.slo})
    for name_format in (PERSISTENT, _EMAIL, _UNSPECIFIED):
        etree.SubElement(role, md("NameIDFormat")).text = name_format
    service = {"Binding": HTTP_POST, "Location": us.acs, "index": "0", "isDefault": "true"}
    etree.SubElement(role, md("AssertionConsumerService"), service)
    return etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _describe(role: etree._Element, key: KeyPair, use: str) -> etree._Element:
    descriptor = etree.SubElement(role, md("KeyDescriptor"), {"use": use})
    data = etree.SubElement(etree.SubElement(descriptor, ds("KeyInfo")), ds("X509Data"))
    etree.SubElement(data, ds("X509Certificate")).text = key.certificate_body
    return descriptor


def _encryption_methods(descriptor: etree._Element, *, allow_cbc: bool) -> None:
    """What we decrypt, the best first. RSA 1.5 is not among them even where it is allowed: nobody shall choose it."""
    # No digests and masks beside OAEP: the schemas that providers check with do not know XML Encryption 1.1's elements.
    ciphers = [*reversed(list(GCM)), *(reversed(list(CBC)) if allow_cbc else [])]
    for algorithm in [*ciphers, RSA_OAEP, RSA_OAEP_MGF1P]:
        etree.SubElement(descriptor, md("EncryptionMethod"), {"Algorithm": algorithm})
