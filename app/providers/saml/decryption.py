"""Opening an encrypted assertion, or an encrypted name, with our keys.

Every way to fail is one refusal, `saml.decryption`: a wrapped key that is not for us, a tag that does not hold,
padding, text that is no XML. What was decrypted is believed no more than what came in clear: encrypting takes only
our public key, which is public. It must still be signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from app.errors import SignInRefused
from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.saml.encryption import GCM, Sealed
from app.providers.saml.keys import KeyPair
from app.providers.saml.names import saml
from app.providers.saml.prefilter import parse

Scope = Mapping[Any, str]  # prefixes and their namespaces; the default one is under None, which lxml's types forget
_GCM_NONCE, _CBC_BLOCK = 12, 16  # bytes


def opened(
    sealed: Sealed, keys: Sequence[KeyPair], random: Random, scope: Scope, tag: str = saml("Assertion")
) -> bytes:
    """The octets inside, which are an element of that tag in that scope. Raises SignInRefused.

    Every key is tried to the end, so that neither the number of the key that fits nor the step that failed shows
    in the time.
    """
    found = [octets for octets in (_opened_with(key.private, sealed, random, scope, tag) for key in keys) if octets]
    if not found:
        raise refused("saml.decryption")
    return found[0]


def _opened_with(key: rsa.RSAPrivateKey, sealed: Sealed, random: Random, scope: Scope, tag: str) -> bytes | None:
    try:
        octets = _decrypted(sealed, _content_key(key, sealed, random))
        element(octets, scope, tag)
    except (SignInRefused, InvalidTag, ValueError):
        return None
    return octets


def element(octets: bytes, scope: Scope, tag: str = saml("Assertion")) -> etree._Element:
    """The element of decrypted octets: on its own, or, if it counts on the namespaces around it (XML Encryption
    4.5.2; libxmlsec encrypts so), within those and nothing else. Raises SignInRefused."""
    with suppress(SignInRefused):
        alone = parse(octets)
        if alone.tag == tag:
            return alone
    opening = etree.tostring(etree.Element("scope", nsmap=scope)).removesuffix(b"/>") + b">"
    around = parse(opening + octets + b"</scope>")
    if len(around) != 1 or around[0].tag != tag or around.text or around[0].tail:
        raise refused("saml.decryption")
    return parse(etree.tostring(around[0]))


def _content_key(key: rsa.RSAPrivateKey, sealed: Sealed, random: Random) -> bytes:
    """A key that does not unwrap becomes a random one, and the work goes on: there is no moment at which "wrapped
    wrongly" shows (Bleichenbacher; TLS does the same, RFC 5246, 7.4.7.1)."""
    instead = random(sealed.key_bytes)
    try:
        unwrapped = key.decrypt(sealed.wrapped_key, sealed.key_padding)
    except ValueError:
        return instead
    return unwrapped if len(unwrapped) == sealed.key_bytes else instead


def _decrypted(sealed: Sealed, key: bytes) -> bytes:
    if sealed.method in GCM:
        nonce, rest = sealed.ciphertext[:_GCM_NONCE], sealed.ciphertext[_GCM_NONCE:]
        return AESGCM(key).decrypt(nonce, rest, None)
    start, rest = sealed.ciphertext[:_CBC_BLOCK], sealed.ciphertext[_CBC_BLOCK:]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    padded = decryptor.update(rest) + decryptor.finalize()
    # XML Encryption 5.2: the last octet counts the padding, the others may be anything.
    if not padded or not 1 <= padded[-1] <= _CBC_BLOCK:
        raise ValueError("padding")
    return padded[: -padded[-1]]
