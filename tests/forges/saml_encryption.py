"""Encrypting an assertion, well or badly: XML Encryption by hand, so that no library's manners get in the way."""

from __future__ import annotations

import base64
import copy
import os
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from tests.forges.saml import DS, SAML, XENC

XENC11 = "http://www.w3.org/2009/xmlenc11#"
AES128_GCM, AES256_GCM = XENC11 + "aes128-gcm", XENC11 + "aes256-gcm"
AES128_CBC, AES256_CBC = XENC + "aes128-cbc", XENC + "aes256-cbc"
OAEP_MGF1P, OAEP, RSA_1_5 = XENC + "rsa-oaep-mgf1p", XENC11 + "rsa-oaep", XENC + "rsa-1_5"
SHA1, SHA256, SHA512 = DS + "sha1", XENC + "sha256", XENC + "sha512"
MGF1_SHA1, MGF1_SHA256, MGF1_SHA512 = (XENC11 + name for name in ("mgf1sha1", "mgf1sha256", "mgf1sha512"))
_HASHES: dict[str | None, Any] = {
    None: hashes.SHA1(),  # noqa: S303 - the default of the standard
    SHA1: hashes.SHA1(),  # noqa: S303 - what most providers do
    SHA256: hashes.SHA256(),
    SHA512: hashes.SHA512(),
    MGF1_SHA1: hashes.SHA1(),  # noqa: S303 - likewise
    MGF1_SHA256: hashes.SHA256(),
    MGF1_SHA512: hashes.SHA512(),
}


@dataclass(frozen=True)
class Encrypting:
    """How one assertion is encrypted. The defaults are what an honest provider does."""

    method: str = AES256_GCM
    wrapping: str = OAEP_MGF1P
    digest: str | None = None
    mask: str | None = None
    beside: bool = False  # the EncryptedKey beside the EncryptedData instead of inside
    key: bytes | None = None  # the content key; random if None
    wrapped: bytes | None = None  # replaces the wrapped key
    broken: bool = False  # the last byte of the ciphertext is another: GCM's tag, or CBC's padding
    plaintext: bytes | None = None  # instead of the assertion
    key_id: str = ""


def encrypted(root: etree._Element, to: bytes, how: Encrypting = Encrypting()) -> etree._Element:
    """A copy of the response with its assertion encrypted to a certificate (DER)."""
    root = copy.deepcopy(root)
    assertion = root.find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    plaintext = how.plaintext
    if plaintext is None:
        plaintext = etree.tostring(copy.deepcopy(assertion), with_tail=False)
    root.replace(assertion, envelope(plaintext, to, how))
    return root


def envelope(plaintext: bytes, to: bytes, how: Encrypting = Encrypting()) -> etree._Element:
    """An EncryptedAssertion."""
    size = 16 if "128" in how.method else 24 if "192" in how.method or "tripledes" in how.method else 32
    key = how.key or os.urandom(size)
    outer = etree.Element(f"{{{SAML}}}EncryptedAssertion", nsmap={"saml": SAML})
    data = etree.SubElement(
        outer, f"{{{XENC}}}EncryptedData", {"Type": XENC + "Element"}, nsmap={"xenc": XENC, "ds": DS}
    )
    etree.SubElement(data, f"{{{XENC}}}EncryptionMethod", {"Algorithm": how.method})
    info = data if how.beside else etree.SubElement(data, f"{{{DS}}}KeyInfo")
    if how.beside and how.key_id:
        kind = {"Type": XENC + "EncryptedKey", "URI": f"#{how.key_id}"}
        etree.SubElement(etree.SubElement(data, f"{{{DS}}}KeyInfo"), f"{{{DS}}}RetrievalMethod", kind)
    ciphertext = _encrypt(how.method, key, plaintext)
    if how.broken:
        ciphertext = ciphertext[:-1] + bytes([ciphertext[-1] ^ 0x80])
    _value(data, ciphertext)
    _wrapped_key(outer if how.beside else info, key, to, how)
    return outer


def _wrapped_key(parent: etree._Element, key: bytes, to: bytes, how: Encrypting) -> None:
    element = etree.SubElement(parent, f"{{{XENC}}}EncryptedKey", {"Id": how.key_id} if how.key_id else {})
    method = etree.SubElement(element, f"{{{XENC}}}EncryptionMethod", {"Algorithm": how.wrapping})
    if how.digest is not None:
        etree.SubElement(method, f"{{{DS}}}DigestMethod", {"Algorithm": how.digest})
    if how.mask is not None:
        etree.SubElement(method, f"{{{XENC11}}}MGF", {"Algorithm": how.mask})
    _value(element, _wrap(key, to, how) if how.wrapped is None else how.wrapped)


def _wrap(key: bytes, to: bytes, how: Encrypting) -> bytes:
    public = x509.load_der_x509_certificate(to).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    if how.wrapping == RSA_1_5:
        return public.encrypt(key, padding.PKCS1v15())
    mask = padding.MGF1(_HASHES.get(how.mask, hashes.SHA256()))
    return public.encrypt(key, padding.OAEP(mask, _HASHES.get(how.digest, hashes.SHA256()), None))


def _encrypt(method: str, key: bytes, plaintext: bytes) -> bytes:
    if "gcm" in method:
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, plaintext, None)
    start, missing = os.urandom(16), 16 - len(plaintext) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    padded = plaintext + os.urandom(missing - 1) + bytes([missing])
    return start + encryptor.update(padded) + encryptor.finalize()


def _value(parent: etree._Element, octets: bytes) -> None:
    data = etree.SubElement(parent, f"{{{XENC}}}CipherData")
    etree.SubElement(data, f"{{{XENC}}}CipherValue").text = base64.b64encode(octets).decode()
