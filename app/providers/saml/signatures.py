"""What a signature may look like before anybody evaluates it.

At most one on the Response and one on the Assertion, each a direct child of what it signs, each with one
reference to its parent, the two transforms that SAML allows (core 5.4.4) and an algorithm of our list.
"""

from __future__ import annotations

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.names import DIGEST_METHODS, DS, ENVELOPED, EXC_C14N, SIGNATURE_METHODS, ds, saml, samlp

_INCLUSIVE = f"{{{EXC_C14N}}}InclusiveNamespaces"
MOST_PREFIXES = 32
_KEY_INFO = frozenset({ds("X509Data"), ds("KeyValue"), ds("KeyName")})


def check_signatures(root: etree._Element, *, needed: bool = True) -> None:
    """Raises SignInRefused unless there is a signature (if `needed`) and all of them have the one allowed form."""
    signatures = [node for node in root.iter() if etree.QName(node).localname == "Signature"]
    if needed and not signatures:
        raise refused("saml.unsigned")
    parents = [signature.getparent() for signature in signatures]
    if len(set(parents)) != len(parents):
        raise refused("saml.signature-structure")
    for signature, parent in zip(signatures, parents, strict=True):
        if signature.tag != ds("Signature") or parent is None:
            raise refused("saml.signature-structure")
        if parent is not root and (parent.tag != saml("Assertion") or parent.getparent() is not root):
            raise refused("saml.signature-structure")
        check_signature(signature, parent)
    _check_no_strays(root, len(signatures))


def check_signature(signature: etree._Element, parent: etree._Element) -> None:
    """Raises SignInRefused unless this signature has the one allowed form, over its own parent."""
    parts = [child.tag for child in signature]
    if parts[:2] != [ds("SignedInfo"), ds("SignatureValue")] or parts[2:] not in ([], [ds("KeyInfo")]):
        raise refused("saml.signature-structure")  # ds:Object is where a wrapped original would be kept
    # KeyInfo is never used to find a key; what would be fetched or followed is refused all the same.
    if any(child.tag not in _KEY_INFO for info in signature.findall(ds("KeyInfo")) for child in info):
        raise refused("saml.signature-structure")
    if not (signature.findtext(ds("SignatureValue")) or "").strip():
        raise refused("saml.signature-structure")
    _check_signed_info(signature[0], parent)


def _check_signed_info(info: etree._Element, parent: etree._Element) -> None:
    if [child.tag for child in info] != [ds("CanonicalizationMethod"), ds("SignatureMethod"), ds("Reference")]:
        raise refused("saml.signature-structure")
    canonicalization, method, reference = info
    _check_exclusive(canonicalization)
    if method.get("Algorithm") not in SIGNATURE_METHODS or len(method):
        raise refused("saml.signature-algorithm")
    if reference.get("URI") != f"#{parent.get('ID', '')}" or parent.get("ID") is None:
        raise refused("saml.signature-reference")  # an empty URI would sign "the document", whichever that is
    _check_reference(reference)


def _check_reference(reference: etree._Element) -> None:
    if [child.tag for child in reference] != [ds("Transforms"), ds("DigestMethod"), ds("DigestValue")]:
        raise refused("saml.signature-structure")
    transforms, digest, value = reference
    steps = list(transforms)
    if [step.tag for step in steps] != [ds("Transform"), ds("Transform")]:
        raise refused("saml.signature-transform")
    if steps[0].get("Algorithm") != ENVELOPED or len(steps[0]):
        raise refused("saml.signature-transform")
    _check_exclusive(steps[1])
    if digest.get("Algorithm") not in DIGEST_METHODS or len(digest) or not (value.text or "").strip():
        raise refused("saml.signature-algorithm")


def _check_exclusive(step: etree._Element) -> None:
    """Exclusive canonicalisation without comments, with at most its own list of prefixes."""
    if step.get("Algorithm") != EXC_C14N or [child.tag for child in step] not in ([], [_INCLUSIVE]):
        raise refused("saml.signature-transform")
    # Each is looked for at every element, before anybody knows whose signature it is (X3).
    if any(len((listed.get("PrefixList") or "").split()) > MOST_PREFIXES for listed in step):
        raise refused("saml.signature-transform")


def _check_no_strays(root: etree._Element, signatures: int) -> None:
    """Nothing of XML Signature outside the signatures that were just read, but for keys a subject confirms with."""
    if sum(1 for _ in root.iter(ds("SignedInfo"), ds("Reference"))) != 2 * signatures:
        raise refused("saml.signature-structure")
    if root.tag != samlp("Response") or any(True for _ in root.iter(f"{{{DS}}}Object", f"{{{DS}}}Manifest")):
        raise refused("saml.signature-structure")
