"""What was signed, read from the very octets that were signed.

A verified signature says something about canonical octets, not about the tree that a program walks
afterwards; most SAML breaks live in that gap. So the signed element is brought into its canonical form
here, its digest compared with the one that the signature vouches for, and the claims are read from a
fresh parse of those octets and from nothing else. The signature's value is verified here too, beside the
library: what is believed hangs on no tree, no settings and no lookup by ID.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.names import DIGEST_METHODS, EXC_C14N, ds
from app.providers.saml.prefilter import parse
from app.providers.saml.signing_keys import is_signed_by_one


def signed_element(element: etree._Element, certificates: Sequence[str]) -> etree._Element:
    """`element` parsed again from the octets that its own signature vouches for, by one of these certificates.

    `check_signature` must have admitted the form. `certificates` are base64 of DER. Raises SignInRefused.
    """
    signature = element.find(ds("Signature"))
    info = None if signature is None else signature.find(ds("SignedInfo"))
    reference = None if info is None else info.find(ds("Reference"))
    if signature is None or info is None or reference is None:
        raise refused("saml.unsigned")
    _check_value(signature, info, certificates)
    octets = canonical(element, _prefixes(reference))
    digest = hashlib.new(_digest_name(reference), octets).digest()
    if not hmac.compare_digest(digest, _decoded(reference, "DigestValue")):
        raise refused("saml.signed-octets")
    return parse(octets)


def _check_value(signature: etree._Element, info: etree._Element, certificates: Sequence[str]) -> None:
    method, canonicalization = info.find(ds("SignatureMethod")), info.find(ds("CanonicalizationMethod"))
    if method is None or canonicalization is None:
        raise refused("saml.signature-structure")
    octets = canonical(info, _prefixes(canonicalization))
    value = _decoded(signature, "SignatureValue")
    if not is_signed_by_one(certificates, method.get("Algorithm") or "", value, octets):
        raise refused("saml.signature")


def canonical(element: etree._Element, prefixes: list[str]) -> bytes:
    """Exclusive canonical form without comments and without the element's own signature (enveloped)."""
    # Written out and read again, the element carries every namespace that was in scope; a prefix list may name them.
    copy = parse(etree.tostring(element, with_tail=False, encoding="utf-8"))
    signature = copy.find(ds("Signature"))
    if signature is not None:
        _cut(signature)
    return etree.tostring(copy, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes)


def _cut(node: etree._Element) -> None:
    """Take an element out and leave the text after it where it is."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (node.tail or "")
    else:
        parent.text = (parent.text or "") + (node.tail or "")
    parent.remove(node)


def _prefixes(step: etree._Element) -> list[str]:
    listed = step.find(f".//{{{EXC_C14N}}}InclusiveNamespaces")
    return [] if listed is None else (listed.get("PrefixList") or "").split()


def _digest_name(reference: etree._Element) -> str:
    method = reference.find(ds("DigestMethod"))
    return DIGEST_METHODS[(method.get("Algorithm") or "") if method is not None else ""]


def _decoded(parent: etree._Element, name: str) -> bytes:
    try:
        return base64.b64decode("".join((parent.findtext(ds(name)) or "").split()), validate=True)
    except (binascii.Error, ValueError) as unreadable:
        raise refused("saml.signature-structure") from unreadable
