"""The SAML AuthnRequest of the HTTP-Redirect binding (SAML Bindings 3.4), checked before anybody sees a page.

What is not registered is refused here: a provider that answers to any address it is asked to answer to
hands out signed assertions to whoever sends the link.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from app.local.idp.refusals import RefusedRequest
from app.local.idp.registration import Addresses, SamlApplication

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

MAX_ENCODED = 16 * 1024  # characters
MAX_XML = 64 * 1024  # bytes after inflating: a few bytes of a deflate bomb become gigabytes
MAX_RELAY_STATE = 1024  # characters; the specification says 80, the field sends more
MAX_AGE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """A request of the registered application, for its registered address."""

    id: str
    relay_state: str
    contexts: tuple[str, ...]  # authentication contexts that would do; empty: any
    is_passive: bool  # the person may not be shown anything


def read(
    encoded: str, relay_state: str, application: SamlApplication, addresses: Addresses, now: datetime
) -> AuthnRequest:
    """Raises RefusedRequest, whose sentence says to the operator what does not fit."""
    if len(relay_state) > MAX_RELAY_STATE:
        raise refused("The RelayState is too long.", "relay_state")
    root = parse(inflate(encoded, "SAMLRequest"), "AuthnRequest")
    _check_names(root, application, addresses)
    check_age(root, now)
    request_id = root.get("ID", "")
    if not re.fullmatch(r"[A-Za-z_][\w.\-]{0,255}", request_id, re.ASCII):
        raise refused("The AuthnRequest has no usable ID.", "id")
    contexts = root.findall(f"{{{SAMLP}}}RequestedAuthnContext/{{{SAML}}}AuthnContextClassRef")
    return AuthnRequest(
        id=request_id,
        relay_state=relay_state,
        contexts=tuple((context.text or "").strip() for context in contexts),
        is_passive=root.get("IsPassive") in ("true", "1"),
    )


def refused(sentence: str, what: str) -> RefusedRequest:
    return RefusedRequest(sentence, reason=f"authn_request.{what}")


def inflate(encoded: str, name: str) -> bytes:
    """The message of a parameter `name` of the redirect binding (SAML Bindings 3.4.4.1). Raises RefusedRequest."""
    if not encoded or len(encoded) > MAX_ENCODED:
        raise refused(f"There is no {name} here, or it is too long.", "size")
    try:
        raw = base64.b64decode(encoded, validate=True)
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        xml = stream.decompress(raw, MAX_XML)
    except (binascii.Error, zlib.error, ValueError):
        raise refused(f"The {name} is not base64 and DEFLATE.", "encoding") from None
    if stream.unconsumed_tail or not stream.eof:
        raise refused(f"The {name} is too long or cut off.", "size")
    return xml


def parse(xml: bytes, name: str) -> etree._Element:
    """The root of a SAML 2.0 message of this name. Raises RefusedRequest."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise refused("The message is not well-formed XML.", "xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused("The message declares a document type.", "doctype")
    if root.tag != f"{{{SAMLP}}}{name}" or root.get("Version") != "2.0":
        raise refused(f"This is not a SAML 2.0 {name}.", "root")
    return root


def _check_names(root: etree._Element, application: SamlApplication, addresses: Addresses) -> None:
    issuer = (root.findtext(f"{{{SAML}}}Issuer") or "").strip()
    policy = root.find(f"{{{SAMLP}}}NameIDPolicy")
    name_id_format = PERSISTENT if policy is None else policy.get("Format", PERSISTENT)
    if issuer != application.entity_id:
        raise refused("The application that asks is not registered here.", "issuer")
    if root.get("AssertionConsumerServiceURL", application.acs) != application.acs:
        raise refused("The application asks for an answer at an address that is not registered.", "acs")
    if root.get("ProtocolBinding", POST_BINDING) != POST_BINDING:
        raise refused("Answers are sent with the HTTP-POST binding only.", "binding")
    if root.get("Destination", addresses.saml_sso) != addresses.saml_sso:
        raise refused("The request was made for another identity provider.", "destination")
    if name_id_format not in (PERSISTENT, UNSPECIFIED):
        raise refused("Only persistent NameIDs are given here.", "name_id_format")


def check_age(root: etree._Element, now: datetime) -> None:
    """Raises RefusedRequest for a message of more than five minutes ago, or of the future."""
    try:
        issued = datetime.fromisoformat(root.get("IssueInstant", ""))
        too_old = abs(now - issued) > MAX_AGE
    except (ValueError, TypeError):  # TypeError: a time without a zone cannot be compared
        raise refused("The IssueInstant is not a UTC time.", "issue_instant") from None
    if too_old:
        raise refused("This request is too old. Go back to the application and start again.", "age")
