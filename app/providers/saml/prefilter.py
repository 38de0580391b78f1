"""Before the library: is this a document that we are willing to have evaluated at all?

python3-saml checks much, but some of it late: it runs the transforms of a signature before it knows
whose signature it is (an XSLT is then a program that a stranger runs here), and it reads documents of
shapes that no honest provider sends, where wrapping attacks live ("On Breaking SAML", USENIX 2012; "The
Fragile Lock", 2025). Here the shape comes first, by an allow-list; `signatures` does the same for what
the signatures say. The same lxml reads the same bytes in both places, so there are no two opinions.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from lxml import etree

from app.errors import SignInRefused
from app.providers.refusals import refused
from app.providers.saml.names import SUCCESS, saml, samlp
from app.providers.saml.signatures import check_signatures

MOST_BASE64 = 256 * 1024
MOST_ELEMENTS = 5000
MOST_ATTRIBUTES = 64  # of one element
MOST_NAMESPACES = 64  # declared around one element

_DECLARATION = re.compile(
    rb"""<\?xml\s+version=["']1\.0["'](\s+encoding=["']utf-8["'])?(\s+standalone=["'](yes|no)["'])?\s*\?>""", re.I
)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,255}")
_ABSOLUTE_NAMESPACE = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.I)
_RESPONSE_CHILDREN = ("Issuer", "Signature", "Status")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A response whose shape and algorithms may be evaluated. Nothing in it is believed yet."""

    raw: bytes
    root: etree._Element

    @property
    def is_encrypted(self) -> bool:
        return self.root.find(saml("EncryptedAssertion")) is not None


def admit(encoded: str) -> Admitted:
    """Decode and judge a SAMLResponse form field. Raises SignInRefused, and nothing else."""
    raw = decode(encoded)
    root = parse(raw)
    check_shape(root)
    _check_status(root)
    admitted = Admitted(raw, root)
    if admitted.is_encrypted:
        _check_encrypted(root)
        check_signatures(root, needed=False)  # its own is inside; `check_opened` asks for it
    else:
        _check_assertion(root)
        check_signatures(root)
    return admitted


def check_opened(root: etree._Element, admitted: Admitted) -> None:
    """The same judgement of the document with its decrypted assertion. Raises SignInRefused.

    An ID inside that stands in the envelope too is refused as any ID that comes twice.
    """
    check_shape(root)
    _check_assertion(root)
    check_signatures(root)
    inside = root.find(saml("Assertion"))
    if inside is not None and _ids(inside) & _ids(admitted.root):
        raise refused("saml.id")


def decode(encoded: str) -> bytes:
    """The octets of a form field: strict base64 of UTF-8, and no more than the limit. Raises SignInRefused."""
    if len(encoded) > MOST_BASE64:
        raise refused("saml.too-large")
    try:
        # RFC 2045, which the binding names, breaks lines; every other foreign character is refused.
        raw = base64.b64decode(encoded.replace("\r", "").replace("\n", "").encode("ascii"), validate=True)
        raw.decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError) as unreadable:
        raise refused("saml.encoding") from unreadable
    return raw


def parse(raw: bytes) -> etree._Element:
    """XML without DTD, entities, network, comments or instructions, in UTF-8."""
    if b"<!DOCTYPE" in raw.upper() or b"<!ENTITY" in raw.upper() or b"\x00" in raw:
        raise refused("saml.doctype")
    if raw.lstrip().startswith(b"<?xml") and not _DECLARATION.match(raw):
        raise refused("saml.encoding")
    try:
        root = etree.fromstring(raw, _parser())
    except (etree.XMLSyntaxError, ValueError) as malformed:
        raise refused("saml.xml") from malformed
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise refused("saml.doctype")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False, recover=False
    )


def check_shape(root: etree._Element) -> None:
    """Only elements, with absolute namespaces and unique plain IDs, and no more of anything than honest answers have:
    bringing them into canonical form takes the product of elements and namespaces, and the square of attributes."""
    if root.getprevious() is not None or root.getnext() is not None:
        raise refused("saml.structure")
    _check_namespaces(root)
    seen: set[str] = set()
    for count, node in enumerate(root.iter()):
        if count >= MOST_ELEMENTS:
            raise refused("saml.too-large")
        if not isinstance(node.tag, str):  # a comment, an instruction or an entity: text around it reads in two ways
            raise refused("saml.structure")
        if len(node.attrib) > MOST_ATTRIBUTES:
            raise refused("saml.too-large")
        _check_ids(node, seen)


def _check_namespaces(root: etree._Element) -> None:
    """Each declaration once, and not again for each element inside."""
    around = 0
    for event, declared in etree.iterwalk(root, events=("start-ns", "end-ns")):
        around += 1 if event == "start-ns" else -1
        if around > MOST_NAMESPACES:
            raise refused("saml.too-large")
        if event == "start-ns" and not _ABSOLUTE_NAMESPACE.fullmatch(declared[1]):
            raise refused("saml.namespace")  # canonicalisation fails on relative ones, in some libraries silently


def _check_ids(node: etree._Element, seen: set[str]) -> None:
    for key, value in node.attrib.items():
        name = str(key)
        if name.rpartition("}")[2].lower() not in ("id", "assertionid", "responseid"):
            continue
        # "Id", "id" and xml:id are IDs to some parsers and not to others; a signature could then mean two elements.
        if name not in ("ID", "Id"):
            raise refused("saml.id")
        text = str(value)
        if not _ID.fullmatch(text) or text in seen:
            raise refused("saml.id")
        seen.add(text)


def _check_status(root: etree._Element) -> None:
    """A provider's "no" carries no assertion; say it kindly. It proves nothing, and grants nothing."""
    if root.tag != samlp("Response"):
        raise refused("saml.structure")
    codes = root.findall(f"{samlp('Status')}/{samlp('StatusCode')}")
    if len(codes) != 1:
        raise refused("saml.structure")
    if codes[0].get("Value") != SUCCESS:
        raise _their_refusal(codes[0])


def _their_refusal(code: etree._Element) -> SignInRefused:
    detail = code.find(samlp("StatusCode"))
    said = [code.get("Value") or "", "" if detail is None else detail.get("Value") or ""]
    if any(word.endswith("NoAuthnContext") for word in said):
        return refused("saml.step-up-mfa")  # we ask for a context only where a role needs it
    persons_own = ("AuthnFailed", "RequestDenied", "NoPassive")
    return refused("saml.cancelled" if any(word.endswith(persons_own) for word in said) else "saml.provider-error")


def _check_assertion(root: etree._Element) -> None:
    """One Assertion, where it belongs, under whatever prefix or namespace another tries to hide."""
    names = _names(root)
    if any(name.startswith("Encrypted") for name in names) or names.count("Assertion") != 1:
        raise refused("saml.structure")
    _check_children(root, names, "Assertion")


def _check_encrypted(root: etree._Element) -> None:
    """One EncryptedAssertion and none in clear, wherever: two could be read by two readers (CVE-2026-2092)."""
    names = _names(root)
    inside = sorted(name for name in names if name.startswith("Encrypted"))
    if inside != ["EncryptedAssertion", "EncryptedData", "EncryptedKey"] or "Assertion" in names:
        raise refused("saml.structure")
    _check_children(root, names, "EncryptedAssertion")


def _names(root: etree._Element) -> list[str]:
    return [etree.QName(node).localname for node in root.iter()]


def _check_children(root: etree._Element, names: list[str], expected: str) -> None:
    children = [etree.QName(child).localname for child in root]
    if any(name not in (*_RESPONSE_CHILDREN, expected) for name in children) or len(set(children)) != len(children):
        raise refused("saml.structure")
    if len(root.findall(saml(expected))) != 1 or names.count("Response") != 1:
        raise refused("saml.structure")


def _ids(root: etree._Element) -> set[str]:
    return {str(node.get(name)) for node in root.iter() for name in ("ID", "Id") if node.get(name) is not None}
