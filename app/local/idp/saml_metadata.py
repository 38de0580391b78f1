"""Our SAML metadata (SAML Metadata 2.4.3): entity id, certificate, and where requests go."""

from __future__ import annotations

from lxml import etree

from app.local.idp.authn_request import PERSISTENT, SAMLP
from app.local.idp.keys import SigningKey
from app.local.idp.registration import Addresses

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
REDIRECT_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def document(addresses: Addresses, key: SigningKey, *, logs_out: bool) -> bytes:
    entity = etree.Element(
        f"{{{MD}}}EntityDescriptor", {"entityID": addresses.saml_entity_id}, nsmap={"md": MD, "ds": DS}
    )
    role = etree.SubElement(
        entity,
        f"{{{MD}}}IDPSSODescriptor",
        {"protocolSupportEnumeration": SAMLP, "WantAuthnRequestsSigned": "false"},
    )
    _certificate(etree.SubElement(role, f"{{{MD}}}KeyDescriptor", {"use": "signing"}), key)
    if logs_out:  # before the name formats: the schema has an order
        endpoint = {"Binding": REDIRECT_BINDING, "Location": addresses.saml_slo}
        etree.SubElement(role, f"{{{MD}}}SingleLogoutService", endpoint)
    etree.SubElement(role, f"{{{MD}}}NameIDFormat").text = PERSISTENT
    etree.SubElement(
        role, f"{{{MD}}}SingleSignOnService", {"Binding": REDIRECT_BINDING, "Location": addresses.saml_sso}
    )
    return etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _certificate(descriptor: etree._Element, key: SigningKey) -> None:
    data = etree.SubElement(etree.SubElement(descriptor, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = key.certificate_body
