"""SAML in an address: the HTTP-Redirect binding with its signature (bindings 3.4).

What is signed is not XML but the query itself, as it was written: `SAMLRequest=...&RelayState=...&SigAlg=...`.
So the query is read raw. A framework that had decoded it first could only encode it again, and there are many
ways to write the same value; a signature holds for one of them.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote, unquote_plus

from app.providers.refusals import refused
from app.providers.saml.keys import KeyPair
from app.providers.saml.names import RSA_SHA256
from app.providers.saml.signing_keys import is_signed_by_one

MOST_QUERY = 64 * 1024  # characters
MOST_INFLATED = 256 * 1024  # bytes: a thousandfold of what was sent fits into a query, and into no memory (X16)
DEFLATE = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"


class Field(StrEnum):
    REQUEST = "SAMLRequest"
    RESPONSE = "SAMLResponse"


@dataclass(frozen=True, slots=True)
class Message:
    """What came in a query, with its signature verified. The XML is still to be judged (`prefilter.parse`)."""

    kind: Field
    xml: bytes = field(repr=False)
    relay_state: str = field(repr=False)


def address(url: str, name: Field, xml: bytes, relay_state: str, key: KeyPair | None) -> str:
    """The peer's address with this message; signed (rsa-sha256) if there is a key. An empty RelayState is left out."""
    pairs = {name.value: base64.b64encode(_deflated(xml)).decode()}
    if relay_state:
        pairs["RelayState"] = relay_state
    if key is not None:
        pairs["SigAlg"] = RSA_SHA256
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())
    if key is not None:
        query += f"&Signature={quote(base64.b64encode(key.sign(query.encode())), safe='')}"
    return f"{url}{'&' if '?' in url else '?'}{query}"


def verified(raw_query: str, certificates: Sequence[str]) -> Message:
    """The message of a query as the browser sent it (no decoding before), signed by one of these certificates.

    `certificates` are base64 of DER. Raises SignInRefused for anything else, an unsigned message included.
    """
    raw = _parts(raw_query)
    name = _message_field(raw)
    if "SigAlg" not in raw or "Signature" not in raw:
        raise refused("saml.unsigned")
    # In this order, whatever the query's own: it is the signer's (3.4.4.1).
    octets = "&".join(f"{part}={raw[part]}" for part in (name, "RelayState", "SigAlg") if part in raw)
    if not is_signed_by_one(certificates, unquote(raw["SigAlg"]), _decoded(raw["Signature"]), octets.encode()):
        raise refused("saml.signature")
    return Message(name, inflated(_decoded(raw[name])), unquote_plus(raw.get("RelayState", "")))


def _parts(raw_query: str) -> dict[str, str]:
    """The values as they were written. None twice: one reader would verify the first, another use the last."""
    if len(raw_query) > MOST_QUERY:
        raise refused("saml.too-large")
    if not raw_query.isascii():
        raise refused("saml.encoding")
    raw: dict[str, str] = {}
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if unquote_plus(name) in raw or unquote_plus(name) != name:
            raise refused("saml.binding")
        raw[name] = value
    return raw


def _message_field(raw: dict[str, str]) -> Field:
    found = [name for name in Field if name in raw]
    if len(found) != 1 or unquote(raw.get("SAMLEncoding", DEFLATE)) != DEFLATE:
        raise refused("saml.binding")
    return found[0]


def _decoded(raw: str) -> bytes:
    try:
        return base64.b64decode(unquote(raw).replace("\r", "").replace("\n", "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError) as unreadable:
        raise refused("saml.encoding") from unreadable


def inflated(data: bytes) -> bytes:
    """RFC 1951 without a header, and never more than the limit: the rest of a bomb is not even unpacked."""
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        text = unpacker.decompress(data, MOST_INFLATED + 1)
    except zlib.error as unreadable:
        raise refused("saml.encoding") from unreadable
    if len(text) > MOST_INFLATED:
        raise refused("saml.too-large")
    if not unpacker.eof or unpacker.unused_data:
        raise refused("saml.encoding")
    return text


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(level=9, wbits=-15)
    return packer.compress(data) + packer.flush()
