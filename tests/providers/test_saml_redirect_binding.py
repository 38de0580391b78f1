"""SAML in an address: the signature is over the query as written, and a small query cannot become a large one."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from app.errors import SignInRefused
from app.providers.saml import keys
from app.providers.saml.redirect_binding import DEFLATE, MOST_INFLATED, Field, address, verified
from tests.forges.saml import DS, MORE, make_certificate

XML = "<a b='é&amp;'/>".encode()
RSA = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
BELIEVED = [base64.b64encode(make_certificate(key)).decode() for key in (RSA, CURVE)]
RSA_SHA256 = MORE + "rsa-sha256"


def deflated(xml: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(xml) + packer.flush()


def pairs(xml: bytes = XML, relay: str | None = "state", method: str = RSA_SHA256, name: str = "SAMLRequest") -> str:
    values = {name: base64.b64encode(deflated(xml)).decode(), "RelayState": relay, "SigAlg": method}
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in values.items() if value is not None)


def signed(unsigned: str, key: Any = RSA, digest: Any = None, *, raw_curve: bool = False) -> str:
    digest = digest or hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        value = key.sign(unsigned.encode(), ec.ECDSA(digest))
        if raw_curve:
            r, s = decode_dss_signature(value)
            value = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    else:
        value = key.sign(unsigned.encode(), padding.PKCS1v15(), digest)
    return f"{unsigned}&Signature={quote(base64.b64encode(value), safe='')}"


def refusal(query: str) -> str:
    with pytest.raises(SignInRefused) as caught:
        verified(query, BELIEVED)
    return caught.value.reason


def test_what_we_write_is_what_we_read() -> None:
    key = keys.read(keys.new(datetime.now(UTC), 2048))
    url = address("https://idp.example.com/slo?a=1", Field.RESPONSE, XML, "s t+&=", key)
    assert url.startswith("https://idp.example.com/slo?a=1&SAMLResponse=")
    message = verified(url.partition("&")[2], [key.certificate_body])
    assert (message.kind, message.xml, message.relay_state) == (Field.RESPONSE, XML, "s t+&=")


def test_without_a_key_nothing_is_signed_and_without_a_state_none_is_sent() -> None:
    url = address("https://idp.example.com/slo", Field.REQUEST, XML, "", None)
    assert "Sig" not in url
    assert "RelayState" not in url


@pytest.mark.parametrize(
    ("method", "key", "digest", "raw"),
    [
        ("rsa-sha256", RSA, hashes.SHA256(), False),
        ("rsa-sha384", RSA, hashes.SHA384(), False),
        ("rsa-sha512", RSA, hashes.SHA512(), False),
        ("ecdsa-sha256", CURVE, hashes.SHA256(), True),
        ("ecdsa-sha256", CURVE, hashes.SHA256(), False),
        ("ecdsa-sha384", CURVE, hashes.SHA384(), True),
        ("ecdsa-sha512", CURVE, hashes.SHA512(), False),
    ],
)
def test_every_listed_algorithm_verifies(method: str, key: Any, digest: Any, raw: bool) -> None:
    query = signed(pairs(method=MORE + method), key, digest, raw_curve=raw)
    assert verified(query, BELIEVED).xml == XML


def test_the_order_of_the_query_does_not_matter_the_order_of_the_signature_does() -> None:
    query = signed(pairs()).split("&")
    assert verified("&".join(reversed(query)), BELIEVED).xml == XML
    turned = "&".join(reversed(pairs().split("&")))
    assert refusal(signed(turned)) == "saml.signature"


def test_the_query_is_verified_as_it_was_written() -> None:
    """Lower-case escapes are another text of the same value; some providers write them, and sign what they wrote."""
    lower = pairs().replace("%3A", "%3a").replace("%2F", "%2f").replace("%3D", "%3d")
    assert verified(signed(lower), BELIEVED).xml == XML
    assert refusal(signed(lower).replace("%3a", "%3A")) == "saml.signature"


@pytest.mark.parametrize("method", [DS + "rsa-sha1", MORE + "rsa-md5", MORE + "hmac-sha256", "", "rsa-sha256"])
def test_another_algorithm_is_refused(method: str) -> None:
    assert refusal(signed(pairs(method=method))) == "saml.signature-algorithm"


def test_the_algorithm_must_be_of_the_key() -> None:
    assert refusal(signed(pairs(method=MORE + "ecdsa-sha256"))) == "saml.signature"
    assert refusal(signed(pairs(), CURVE)) == "saml.signature"


def test_a_stranger_or_nobody_signed() -> None:
    assert refusal(signed(pairs(), rsa.generate_private_key(65537, 2048))) == "saml.signature"
    assert refusal(pairs()) == "saml.unsigned"
    assert refusal(signed(pairs()).replace("SigAlg=", "sigalg=")) == "saml.unsigned"
    assert refusal(pairs() + "&Signature=") == "saml.signature"
    with pytest.raises(SignInRefused):
        verified(signed(pairs()), [])


def test_a_changed_state_message_or_kind_is_refused() -> None:
    query = signed(pairs())
    assert refusal(query.replace("RelayState=state", "RelayState=other")) == "saml.signature"
    assert refusal(query.replace("&RelayState=state", "")) == "saml.signature"
    assert refusal(query.replace("SAMLRequest=", "SAMLResponse=")) == "saml.signature"
    other = quote(base64.b64encode(deflated(b"<b/>")), safe="")
    assert refusal(f"SAMLRequest={other}&{query.partition('&')[2]}") == "saml.signature"


@pytest.mark.parametrize(
    "more",
    [
        "&SAMLRequest=x",
        "&RelayState=x",
        "&SAMLResponse=x",
        "&Signature=x",
        "&%52elayState=x",
        "&SAMLEncoding=urn:other",
    ],
)
def test_two_of_anything_or_another_encoding_are_refused(more: str) -> None:
    assert refusal(signed(pairs()) + more) == "saml.binding"
    assert refusal(more.removeprefix("&") + "&" + signed(pairs())) == "saml.binding"


def test_what_others_add_to_an_address_changes_nothing() -> None:
    query = signed(pairs()) + f"&SAMLEncoding={quote(DEFLATE)}&utm_source=portal"
    assert verified(query, BELIEVED).relay_state == "state"


def test_11_a_bomb_is_not_unpacked() -> None:
    import tracemalloc

    query = signed(pairs(xml=b"<a>" + b" " * 20 * 1024 * 1024 + b"</a>"))
    tracemalloc.start()
    assert refusal(query) == "saml.too-large"
    assert tracemalloc.get_traced_memory()[1] < 4 * MOST_INFLATED
    tracemalloc.stop()
    assert len(verified(signed(pairs(xml=b" " * MOST_INFLATED)), BELIEVED).xml) == MOST_INFLATED


@pytest.mark.parametrize("packed", [b"", b"\x00", zlib.compress(XML), deflated(XML)[:-2], deflated(XML) + b"more"])
def test_what_is_not_deflated_is_refused(packed: bytes) -> None:
    value = quote(base64.b64encode(packed), safe="")
    query = signed(f"SAMLRequest={value}&SigAlg={quote(RSA_SHA256, safe='')}")
    assert refusal(query) == "saml.encoding"


def test_a_query_that_is_too_long_or_not_ascii_is_refused() -> None:
    assert refusal(signed(pairs()) + "&x=" + "y" * 64 * 1024) == "saml.too-large"
    assert refusal(signed(pairs()) + "&x=é") == "saml.encoding"


@given(st.text(max_size=200))
def test_anything_else_is_a_refusal(text: str) -> None:
    for query in (text, f"SAMLRequest={text}&SigAlg={quote(RSA_SHA256)}&Signature={text}"):
        with pytest.raises(SignInRefused):
            verified(query, BELIEVED)
