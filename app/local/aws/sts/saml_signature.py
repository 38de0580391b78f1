"""From a SAML response to the one assertion that the provider signed.

Wrapping attacks put a signed assertion beside a forged one and hope that the verifier checks the first
and the reader reads the second. So: exactly one assertion, a child of the response; ids unique; every
signature is a child of what it signs, with one reference to exactly that element; and the element that was
checked is the element that is returned.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import xmlsec
from lxml import etree

from app.local.aws.refusals import Refusal, bad_saml_response, bad_token
from app.local.aws.sts.xml import DS, SAML, SAMLP, parsed, text_of

_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_XMLDSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SIGNATURES = {_XMLDSIG_MORE + name for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256")}
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmlenc#sha512",
    _XMLDSIG_MORE + "sha384",
}
_C14N = {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"}
_TRANSFORMS = _C14N | {"http://www.w3.org/2000/09/xmldsig#enveloped-signature"}


def invalid_signature() -> Refusal:
    return bad_token("Response signature invalid")


def invalid_response() -> Refusal:
    return bad_token("Your request included an invalid SAML response. To logout, click here.")


def trusted_assertion(encoded: str, issuers: Mapping[str, tuple[bytes, ...]]) -> etree._Element:
    """The assertion, verified. Raises InvalidIdentityToken."""
    root = _response(encoded)
    assertion = _only_assertion(root)
    issuer = text_of(assertion.find(f"{SAML}Issuer")).strip()
    response_issuer = root.find(f"{SAML}Issuer")
    if issuer not in issuers or response_issuer is not None and text_of(response_issuer).strip() != issuer:
        raise bad_saml_response("Issuer not present in specified provider")
    _unique_ids(root)
    signatures = list(root.iter(f"{DS}Signature"))
    if not signatures:
        raise invalid_signature()
    for signature in signatures:
        _verify(signature, (root, assertion), issuers[issuer])
    return assertion


def _response(encoded: str) -> etree._Element:
    try:
        root = parsed(base64.b64decode("".join(encoded.split()), validate=True))
    except (ValueError, binascii.Error):
        raise bad_token("Invalid base64 SAMLResponse") from None
    status = root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    if root.tag != f"{SAMLP}Response" or status is None or status.get("Value") != _SUCCESS:
        raise invalid_response()
    return root


def _only_assertion(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{SAML}Assertion"))
    if len(found) != 1 or found[0].getparent() is not root or not found[0].get("ID"):
        raise invalid_response()
    if next(root.iter(f"{SAML}EncryptedAssertion"), None) is not None:
        raise invalid_response()
    return found[0]


def _unique_ids(root: etree._Element) -> None:
    ids = [value for node in root.iter("*") for name, value in node.attrib.items() if _is_id(str(name))]
    if len(set(ids)) != len(ids):
        raise invalid_signature()


def _is_id(name: str) -> bool:
    return etree.QName(name).localname.lower() == "id"


def _verify(signature: etree._Element, allowed: tuple[etree._Element, ...], certificates: tuple[bytes, ...]) -> None:
    parent = signature.getparent()
    if parent is None or not any(parent is node for node in allowed) or not _well_formed(signature, parent):
        raise invalid_signature()
    if not any(_verifies(signature, parent, pem) for pem in certificates):
        raise invalid_signature()


def _well_formed(signature: etree._Element, parent: etree._Element) -> bool:
    info = signature.find(f"{DS}SignedInfo")
    references = list(signature.iter(f"{DS}Reference"))
    if info is None or len(references) != 1 or signature.find(f"{DS}Object") is not None:
        return False
    if references[0].get("URI") != f"#{parent.get('ID')}" or not parent.get("ID"):
        return False
    return (
        _algorithms(info, "CanonicalizationMethod") <= _C14N
        and _algorithms(info, "SignatureMethod") <= _SIGNATURES
        and _algorithms(info, "DigestMethod") <= _DIGESTS
        and _algorithms(info, "Transform") <= _TRANSFORMS
        and len(list(info.iter(f"{DS}Transform"))) <= 2
    )


def _algorithms(info: etree._Element, name: str) -> set[str]:
    found = {str(node.get("Algorithm")) for node in info.iter(f"{DS}{name}")}
    return found or {"missing"}


def _verifies(signature: etree._Element, parent: etree._Element, pem: bytes) -> bool:
    """The key comes from the metadata; the KeyInfo that the stranger sent along is never looked at."""
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    context.register_id(parent, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
