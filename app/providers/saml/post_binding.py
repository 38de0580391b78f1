"""SAML in a form: the HTTP-POST binding with an enveloped signature (bindings 3.5), for the messages that we send.

What arrives by POST is read in `logout_signed` and `prefilter`.
"""

from __future__ import annotations

import base64
import hashlib

from lxml import etree

from app.providers.saml.keys import KeyPair
from app.providers.saml.names import DS, ENVELOPED, EXC_C14N, RSA_SHA256, SHA256, ds, saml
from app.providers.saml.redirect_binding import Field
from app.providers.saml.signed import canonical


def form(name: Field, message: etree._Element, relay_state: str, key: KeyPair) -> dict[str, str]:
    """The hidden fields with which a browser takes this message along, signed. An empty RelayState is left out."""
    fields = {name.value: base64.b64encode(signed(message, key)).decode()}
    return {**fields, "RelayState": relay_state} if relay_state else fields


def signed(message: etree._Element, key: KeyPair) -> bytes:
    """The message with its signature after the Issuer, which is where the schema has it (core 3.2.1)."""
    signature = etree.Element(ds("Signature"), nsmap={"ds": DS})
    info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), {"Algorithm": EXC_C14N})
    etree.SubElement(info, ds("SignatureMethod"), {"Algorithm": RSA_SHA256})
    _refer(info, message)
    value = base64.b64encode(key.sign(canonical(info, []))).decode()
    etree.SubElement(signature, ds("SignatureValue")).text = value
    data = etree.SubElement(etree.SubElement(signature, ds("KeyInfo")), ds("X509Data"))
    etree.SubElement(data, ds("X509Certificate")).text = key.certificate_body
    issuer = message.find(saml("Issuer"))
    assert issuer is not None, "every message of ours says who sends it"
    issuer.addnext(signature)
    return etree.tostring(message, encoding="utf-8")


def _refer(info: etree._Element, message: etree._Element) -> None:
    reference = etree.SubElement(info, ds("Reference"), {"URI": f"#{message.get('ID')}"})
    transforms = etree.SubElement(reference, ds("Transforms"))
    for algorithm in (ENVELOPED, EXC_C14N):
        etree.SubElement(transforms, ds("Transform"), {"Algorithm": algorithm})
    etree.SubElement(reference, ds("DigestMethod"), {"Algorithm": SHA256})
    digest = hashlib.sha256(canonical(message, [])).digest()
    etree.SubElement(reference, ds("DigestValue")).text = base64.b64encode(digest).decode()
