"""An enveloped XML signature, RSA-SHA256 over exclusive canonical XML (XML Signature Syntax and Processing 1.1;
Exclusive XML Canonicalization 1.0), made with any `Signer`: xmlsec signs with keys that it holds itself, and no others.

What is signed was made here, as a tree, a moment ago. What comes from others is read by xmlsec, never by this.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # not in lxml's stubs

from app.minting.keys import SigningKey
from app.minting.signatures import signature_of

_DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_DS = ElementMaker(namespace=_DSIG, nsmap={"ds": _DSIG})
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"


def sign_enveloped(element: Any, key: SigningKey) -> None:
    """Over all of `element`, found by its `ID`; put where SAML's schema wants it, after the first child (Issuer).

    Raises what the key's signer does; `element` is unchanged then.
    """
    signed = _signed_info(f"#{element.get('ID')}", hashlib.sha256(_canonical(element)).digest())
    value = signature_of(key.signer, _canonical(signed))
    certificate = _DS.X509Data(_DS.X509Certificate(key.certificate_base64))
    element[0].addnext(_DS.Signature(signed, _DS.SignatureValue(_base64(value)), _DS.KeyInfo(certificate)))


def _signed_info(reference: str, digest: bytes) -> Any:
    """The digest is over what stands there before the signature does: that is what `enveloped-signature` takes out."""
    return _DS.SignedInfo(
        _DS.CanonicalizationMethod(Algorithm=_EXCLUSIVE),
        _DS.SignatureMethod(Algorithm=_RSA_SHA256),
        _DS.Reference(
            _DS.Transforms(_DS.Transform(Algorithm=_ENVELOPED), _DS.Transform(Algorithm=_EXCLUSIVE)),
            _DS.DigestMethod(Algorithm=_SHA256),
            _DS.DigestValue(_base64(digest)),
            URI=reference,
        ),
    )


def _canonical(element: Any) -> bytes:
    """Exclusive: the same bytes wherever the element stands, so it may be signed first and put in its place after."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
