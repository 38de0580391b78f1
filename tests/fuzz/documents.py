"""SAML: nothing that was not signed is ever believed, and two readers see one document."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as Expat
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree

from app.errors import SignInRefused
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.prefilter import admit
from app.providers.saml.redirect_binding import verified
from app.providers.saml.signed import signed_element
from tests.forges.saml import DS, SAML, SAMLP, Signing, canonical
from tests.forges.saml_logout import LogoutForge, build
from tests.fuzz.target import Target, text_of

_FORGE = LogoutForge()
_CERTIFICATES = (base64.b64encode(_FORGE.certificate).decode(),)
_ACS, _US = "https://aws.example.com/signin/corp/acs", "https://aws.example.com/signin/corp/metadata"


def _honest() -> list[etree._Element]:
    now = datetime.now(UTC)
    draft = _FORGE.draft(_ACS, _US, "_request", now)
    both = _FORGE.signed(draft, response=Signing(prefixes="xs"))
    typed = _FORGE.signed(draft.but(typed=True), assertion=Signing(prefixes="xs xsi"))
    return [_FORGE.signed(draft), both, typed, _FORGE.signed(draft, assertion=None, response=Signing())]


_DOCUMENTS = _honest()
# Every octet string that the key has ever signed: nothing else may come out of `signed_element`.
_SIGNED = {canonical(node, prefixes) for root in _DOCUMENTS for node in (root, *root.iter(f"{{{SAML}}}Assertion"))
           for prefixes in ([], ["xs"], ["xs", "xsi"])}  # fmt: skip


def prefilter(data: bytes) -> None:
    """An admitted document has one Assertion, one Response and unique IDs, whoever reads it; and what is believed of
    it is what the key has signed."""
    with suppress(SignInRefused):
        admit(text_of(data))  # as the field itself: base64 and the like
    try:
        admitted = admit(_FORGE.encode(data))
    except SignInRefused:
        return
    assert b"<!DOCTYPE" not in data.upper()
    _two_readers_agree(admitted.root, data)
    if not admitted.is_encrypted:
        _signatures_point_to_parents(admitted.root)
        _only_what_was_signed(admitted.root)


def _two_readers_agree(root: etree._Element, data: bytes) -> None:
    other = Expat.fromstring(data)
    ours = [(node.tag, dict(node.attrib), node.text or "", node.tail or "") for node in root.iter()]
    theirs = [(node.tag, dict(node.attrib), node.text or "", node.tail or "") for node in other.iter()]
    assert len(ours) == len(theirs), "two readers count differently"
    for mine, yours in zip(ours, theirs, strict=True):
        assert mine == yours, f"two readers differ: {mine} {yours}"
    names = [str(tag).rpartition("}")[2] for tag, *_ in theirs]
    assert names.count("Response") == 1
    assert names.count("Assertion") + names.count("EncryptedAssertion") == 1
    ids = [value for _, attributes, *_ in theirs for name, value in attributes.items() if name.lower() == "id"]
    assert len(ids) == len(set(ids)), "an ID twice"


def _signatures_point_to_parents(root: etree._Element) -> None:
    again = etree.fromstring(etree.tostring(root, encoding="utf-8"))  # in ASCII, a name like `\u00e9` is no name again
    signatures = list(again.iter(f"{{{DS}}}Signature"))
    assert signatures, "nothing is signed"
    for signature in signatures:
        parent = signature.getparent()
        assert parent is not None
        assert parent.tag in (f"{{{SAMLP}}}Response", f"{{{SAML}}}Assertion")
        references = [reference.get("URI") for reference in signature.iter(f"{{{DS}}}Reference")]
        assert references == [f"#{parent.get('ID')}"]


def _only_what_was_signed(root: etree._Element) -> None:
    for element in (root, *root.iter(f"{{{SAML}}}Assertion")):
        try:
            believed = signed_element(element, _CERTIFICATES)
        except SignInRefused:
            continue
        assert any(canonical(believed, prefixes) in _SIGNED for prefixes in ([], ["xs"], ["xs", "xsi"])), "forged"


def _messages() -> dict[str, bytes]:
    """Honest queries, by what they say."""
    message = build(_FORGE.asks("https://aws.example.com/signin/corp/logout", datetime.now(UTC)))
    answer = build(_FORGE.answers("https://aws.example.com/signin/corp/logout", "_x", datetime.now(UTC)))
    made = {}
    for one in (message, answer):
        for state in ("opaque-1", None):
            made[_FORGE.query(one, state)] = etree.tostring(one)
    return made


_QUERIES = _messages()


def redirect(data: bytes) -> None:
    """A query is believed only for the very message and RelayState that were signed."""
    query = text_of(data)
    incoming = Incoming("redirect", query=query)
    assert isinstance(incoming.relay_state, str)
    assert incoming.claims_to_answer in (True, False)
    try:
        message = verified(query, _CERTIFICATES)
    except SignInRefused:
        return
    assert message.xml in _QUERIES.values(), "forged"
    assert message.relay_state in ("opaque-1", "")


TARGETS = (
    Target(
        "prefilter",
        prefilter,
        tuple(etree.tostring(document) for document in _DOCUMENTS),
        (
            b"<saml:Assertion",
            b"</saml:Assertion>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"<?x?>",
            b"xmlns:saml=",
            b' ID="',
            b"<ds:Signature",
            b"<ds:Object>",
            b"&#x41;",
            b"<!DOCTYPE",
            b"EncryptedAssertion",
            b"<saml:Advice>",
        ),
    ),
    Target(
        "redirect",
        redirect,
        tuple(query.encode() for query in _QUERIES),
        (
            b"SAMLRequest=",
            b"SAMLResponse=",
            b"&RelayState=",
            b"&SigAlg=",
            b"&Signature=",
            b"%3D",
            b"%2B",
            b"+",
            quote("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", safe="").encode(),
            b"&amp;",
            b";",
        ),
    ),
)
