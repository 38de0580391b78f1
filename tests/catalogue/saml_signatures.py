"""Rows 3 to 7 and 14 to 19 of the SAML catalogue: signatures that are not there, not the provider's, or not of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from lxml import etree

from tests.catalogue.row import Row
from tests.catalogue.saml_recipes import admits, altered, assertion_of, refuses
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import DIGESTS, DS, ENVELOPED, EXC, MORE, SIGNATURES, XENC, Signing, make_certificate

_STRONG = ("sha256", "sha384", "sha512")
_REC = "http://www.w3.org/TR/"


def rows() -> Iterator[Row]:
    yield from _signatures()
    yield from _transforms()
    yield from _algorithms()
    yield from _references()


def _signatures() -> Iterator[Row]:
    yield refuses("03 signature stripped", "saml.unsigned", lambda v: v.signed(assertion=None))
    yield refuses(
        "03 signature stripped, of a whole response", "saml.unsigned", lambda v: v.signed(assertion=None), "whole"
    )
    yield refuses(
        "04 only the response signed", "saml.unsigned", lambda v: v.signed(assertion=None, response=Signing())
    )
    yield admits("04 control the policy says response", lambda v: v.signed(assertion=None, response=Signing()), "whole")
    yield refuses(
        "04 only the assertion where the policy says response", "saml.unsigned", lambda v: v.signed(), "whole"
    )
    for name, value, reason in (
        ("Destination", "https://evil.example.com", "saml.destination"),
        ("InResponseTo", "_other", "saml.in-response-to"),
        ("Version", "1.1", "saml.structure saml.unexpected"),
    ):
        yield refuses(f"05 {name} altered around a signed assertion", reason, lambda v, n=name, x=value: _with(v, n, x))
    yield refuses("05 status altered to success", "saml.structure saml.unsigned", _status_turned)
    yield refuses("06 the forger's certificate in KeyInfo", "saml.signature", _own_certificate)
    yield refuses("07 another key", "saml.signature", lambda v: v.signed(assertion=Signing(key=v.stage.stranger)))
    yield refuses("07 subject altered", "saml.signature", lambda v: altered(v.signed(), b">alice<", b">mallory<"))
    yield refuses("07 group altered", "saml.signature", lambda v: altered(v.signed(), b">everyone<", b">aws-admins<"))
    yield refuses(
        "07 empty SignatureValue", "saml.signature-structure", lambda v: v.signed(assertion=Signing(value=""))
    )
    yield refuses("07 SignatureValue is no base64", "saml.signature", lambda v: v.signed(assertion=Signing(value="!")))
    yield refuses(
        "07 empty DigestValue", "saml.signature-algorithm", lambda v: v.signed(assertion=Signing(digest_value=""))
    )
    yield refuses("07 wrong DigestValue", "saml.signature", lambda v: v.signed(assertion=Signing(digest_value="AAAA")))


def _with(visit: SamlVisit, name: str, value: str) -> etree._Element:
    root = visit.signed()
    root.set(name, value)
    return root


def _status_turned(visit: SamlVisit) -> bytes:
    status = "urn:oasis:names:tc:SAML:2.0:status:"
    failed = visit.forge.signed(visit.draft(status=status + "Responder"), assertion=None)
    return altered(failed, (status + "Responder").encode(), (status + "Success").encode())


def _own_certificate(visit: SamlVisit) -> etree._Element:
    key = visit.stage.stranger
    return visit.signed(assertion=Signing(key=key, certificate=make_certificate(key)))


def _transforms() -> Iterator[Row]:
    bad = "saml.signature-transform saml.signature-structure"
    for name, transforms in {
        "XSLT": (ENVELOPED, EXC, _REC + "1999/REC-xslt-19991116"),
        "XSLT alone": (ENVELOPED, _REC + "1999/REC-xslt-19991116"),
        "XPath": (ENVELOPED, _REC + "1999/REC-xpath-19991116"),
        "XPath filter 2": (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"),
        "base64": (ENVELOPED, DS + "base64"),
        "with comments": (ENVELOPED, EXC + "WithComments"),
        "inclusive": (ENVELOPED, _REC + "2001/REC-xml-c14n-20010315"),
        "not enveloped": (EXC,),
        "the other way round": (EXC, ENVELOPED),
        "none": (),
    }.items():
        yield refuses(f"14 transform {name}", bad, lambda v, t=transforms: v.signed(assertion=Signing(transforms=t)))
    yield refuses("14 X3 a stranger's stylesheet", bad, _strangers_stylesheet)
    yield refuses("14 X3 a hundred prefixes", bad, lambda v: v.signed(assertion=Signing(prefixes="xs " * 100)))


def _strangers_stylesheet(visit: SamlVisit) -> etree._Element:
    """An XSLT that would work for minutes, in a signature of somebody whom nobody knows."""
    how = Signing(key=visit.stage.stranger, transforms=(ENVELOPED, _REC + "1999/REC-xslt-19991116"))
    root = visit.signed(assertion=how)
    step = root.findall(f".//{{{DS}}}Transform")[1]
    step.append(etree.fromstring(_STYLESHEET))
    return root


_STYLESHEET = b"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><xsl:for-each select="//*"><xsl:for-each select="//*"><xsl:for-each select="//*">
<xsl:value-of select="count(//*)"/></xsl:for-each></xsl:for-each></xsl:for-each></xsl:template></xsl:stylesheet>"""


def _algorithms() -> Iterator[Row]:
    weak = "saml.signature-algorithm"
    for method in [*SIGNATURES, MORE + "rsa-ripemd160", DS + "dsa-sha1"]:
        if not method.endswith(_STRONG):
            row = "15 X2" if method.endswith("sha1") else "16 X2"
            yield refuses(
                f"{row} signature {_last(method)}", weak, lambda v, m=method: v.signed(assertion=Signing(method=m))
            )
    for digest in [*DIGESTS, XENC + "ripemd160"]:
        if not digest.endswith(_STRONG):
            row = "15 X2" if digest.endswith("sha1") else "16 X2"
            yield refuses(
                f"{row} digest {_last(digest)}", weak, lambda v, d=digest: v.signed(assertion=Signing(digest=d))
            )
    for method in ("rsa-sha256", "rsa-sha384", "rsa-sha512"):
        for digest in (XENC + "sha256", MORE + "sha384", XENC + "sha512"):
            how = Signing(method=MORE + method, digest=digest)
            yield admits(f"16 control {method} {_last(digest)}", lambda v, h=how: v.signed(assertion=h))
    curve = Signing(method=MORE + "ecdsa-sha256")
    yield admits("16 control ecdsa-sha256", lambda v: v.signed(assertion=curve), "elliptic")
    for key in ("certificate", "nothing"):
        yield refuses(f"17 HMAC keyed with {key}", weak, lambda v, k=key: _hmac(v, k))


def _hmac(visit: SamlVisit, key: str) -> etree._Element:
    known = visit.forge.certificate if key == "certificate" else b""
    return visit.signed(assertion=Signing(method=MORE + "hmac-sha256", key=known or b"\x00"))


def _last(algorithm: str) -> str:
    return algorithm.rpartition("#")[2]


def _references() -> Iterator[Row]:
    for uri in ("", "#", "#_another", "https://evil.example.com/assertion", "#xpointer(/)"):
        yield refuses(
            f"18 Reference URI={uri!r}", "saml.signature-reference", lambda v, u=uri: v.signed(assertion=Signing(uri=u))
        )
    yield refuses("19 two References", "saml.signature-structure", lambda v: v.signed(assertion=Signing(references=2)))
    yield refuses("19 signature over another element", "saml.signature", _borrowed_signature)
    yield refuses("19 second SignatureValue", "saml.signature-structure", _second_value)
    yield refuses("19 second DigestValue", "saml.signature-structure", _second_digest)


def _borrowed_signature(visit: SamlVisit) -> etree._Element:
    root = visit.signed(assertion=None)
    other = visit.signed(visit.draft(assertion_id=assertion_of(root).get("ID"), subject="mallory"))
    signature = assertion_of(other).find(f"{{{DS}}}Signature")
    assert signature is not None
    assertion_of(root).insert(1, copy.deepcopy(signature))
    return root


def _second_value(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    signature = assertion_of(root).find(f"{{{DS}}}Signature")
    assert signature is not None
    signature.append(copy.deepcopy(signature[1]))
    return root


def _second_digest(visit: SamlVisit) -> etree._Element:
    """Digest confusion: which of the two is compared?"""
    root = visit.signed()
    reference = root.find(f".//{{{DS}}}Reference")
    assert reference is not None
    reference.append(copy.deepcopy(reference[-1]))
    return root
