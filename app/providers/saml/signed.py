"""What was signed, read from the very octets that were signed.

A verified signature says something about canonical octets, not about the tree that a program walks
afterwards; most SAML breaks live in that gap. So the signed element is brought into its canonical form
here, its digest compared with the one that the signature vouches for, and the claims are read from a
fresh parse of those octets and from nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.names import DIGEST_METHODS, EXC_C14N, ds, saml, samlp
from app.providers.saml.prefilter import Admitted, parse


def signed_assertion(admitted: Admitted, *, whole_response: bool) -> etree._Element:
    """The assertion as signed: by its own signature, or, if `whole_response`, by the Response's.

    To be called only after the driver has verified every signature of the document.
    """
    if whole_response:
        response = _signed(admitted.root)
        found = response.findall(saml("Assertion"))
        if len(found) != 1 or response.tag != samlp("Response"):
            raise refused("saml.structure")
        return found[0]
    own = admitted.root.find(saml("Assertion"))
    if own is None:
        raise refused("saml.structure")
    return _signed(own)


def _signed(element: etree._Element) -> etree._Element:
    """Parse `element` again from the octets whose digest its signature holds."""
    signature = element.find(ds("Signature"))
    reference = None if signature is None else signature.find(f"{ds('SignedInfo')}/{ds('Reference')}")
    if signature is None or reference is None:
        raise refused("saml.unsigned")
    octets = canonical(element, _prefixes(reference))
    if not hmac.compare_digest(hashlib.new(_digest_name(reference), octets).digest(), _digest_value(reference)):
        raise refused("saml.signed-octets")
    return parse(octets)


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


def _prefixes(reference: etree._Element) -> list[str]:
    listed = reference.find(f".//{{{EXC_C14N}}}InclusiveNamespaces")
    return [] if listed is None else (listed.get("PrefixList") or "").split()


def _digest_name(reference: etree._Element) -> str:
    method = reference.find(ds("DigestMethod"))
    return DIGEST_METHODS[(method.get("Algorithm") or "") if method is not None else ""]


def _digest_value(reference: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((reference.findtext(ds("DigestValue")) or "").split()), validate=True)
    except (binascii.Error, ValueError) as unreadable:
        raise refused("saml.signature-structure") from unreadable
