"""What an encrypted assertion or name may look like before any key of ours touches it. (XML Encryption 1.1)

One EncryptedData, one EncryptedKey inside its KeyInfo or beside it, values in place and no references out, and an
algorithm of our list. AES-GCM notices every changed bit. AES-CBC and RSA 1.5 do not, and a receiver that answers
differently to differently broken ciphertexts then decrypts for whoever asks often enough (Jager and Somorovsky,
"How to Break XML Encryption", 2011; Bleichenbacher, 1998).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.names import DS, RSA_1_5, RSA_OAEP, RSA_OAEP_MGF1P, XENC, XENC11, ds, saml, xenc, xenc11

# The key's length in bytes. No 192: AES-192 has no user, and what has no user has no tests either.
GCM: Mapping[str, int] = MappingProxyType({XENC11 + "aes128-gcm": 16, XENC11 + "aes256-gcm": 32})
CBC: Mapping[str, int] = MappingProxyType({XENC + "aes128-cbc": 16, XENC + "aes256-cbc": 32})
# OAEP needs no collision resistance of its digest; SHA-1 is what most providers use and is sound there.
_SHA1 = hashes.SHA1()  # noqa: S303 - see above
_DIGESTS: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {DS + "sha1": _SHA1, XENC + "sha256": hashes.SHA256(), XENC + "sha512": hashes.SHA512()}
)
_MASKS: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {XENC11 + "mgf1sha1": _SHA1, XENC11 + "mgf1sha256": hashes.SHA256(), XENC11 + "mgf1sha512": hashes.SHA512()}
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Something encrypted whose shape and algorithms are allowed."""

    method: str
    key_padding: padding.AsymmetricPadding
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)

    @property
    def has_oracle(self) -> bool:
        """AES-CBC or RSA 1.5: only for octets whose signature has been verified."""
        return self.method in CBC or isinstance(self.key_padding, padding.PKCS1v15)

    @property
    def key_bytes(self) -> int:
        return {**GCM, **CBC}[self.method]


def read(holder: etree._Element, name: str = "EncryptedAssertion") -> Sealed:
    """Raises SignInRefused: `saml.encryption-structure` or `saml.encryption-algorithm`."""
    data, keys = holder.findall(xenc("EncryptedData")), list(holder.iter(xenc("EncryptedKey")))
    if len(data) != 1 or len(keys) != 1 or holder.tag != saml(name):
        raise refused("saml.encryption-structure")
    if data[0].get("Type") not in (None, XENC + "Element"):
        raise refused("saml.encryption-structure")
    place = keys[0].getparent()
    if place is not holder and place is not data[0].find(ds("KeyInfo")):
        raise refused("saml.encryption-structure")
    method = _method(data[0])
    if method.get("Algorithm") not in {**GCM, **CBC} or len(method):
        raise refused("saml.encryption-algorithm")
    key_padding = _key_padding(_method(keys[0]))
    return Sealed(method.get("Algorithm") or "", key_padding, _value(keys[0]), _value(data[0]))


def _method(element: etree._Element) -> etree._Element:
    found = element.findall(xenc("EncryptionMethod"))
    if len(found) != 1:
        raise refused("saml.encryption-structure")
    return found[0]


def _key_padding(method: etree._Element) -> padding.AsymmetricPadding:
    algorithm = method.get("Algorithm")
    names = [child.tag for child in method]
    if any(name not in (ds("DigestMethod"), xenc11("MGF")) for name in names) or len(set(names)) != len(names):
        raise refused("saml.encryption-structure")  # OAEPparams would be a label, which nobody sends
    if algorithm == RSA_1_5 and not names:
        return padding.PKCS1v15()
    digest = _DIGESTS.get(_algorithm(method, ds("DigestMethod"), DS + "sha1"))
    mask = _MASKS.get(_algorithm(method, xenc11("MGF"), XENC11 + "mgf1sha1"))
    if algorithm == RSA_OAEP_MGF1P and xenc11("MGF") in names:  # its name says which mask; two answers are one too many
        raise refused("saml.encryption-structure")
    if algorithm not in (RSA_OAEP, RSA_OAEP_MGF1P) or digest is None or mask is None:
        raise refused("saml.encryption-algorithm")
    return padding.OAEP(padding.MGF1(mask), digest, None)


def _algorithm(method: etree._Element, child: str, otherwise: str) -> str:
    found = method.find(child)
    return otherwise if found is None else found.get("Algorithm") or ""


def _value(element: etree._Element) -> bytes:
    values = element.findall(f"{xenc('CipherData')}/{xenc('CipherValue')}")
    if len(values) != 1 or len(values[0]) or len(element.findall(xenc("CipherData"))) != 1:
        raise refused("saml.encryption-structure")  # a CipherReference would be fetched from wherever it says
    try:
        return base64.b64decode("".join((values[0].text or "").split()), validate=True)
    except (binascii.Error, ValueError) as unreadable:
        raise refused("saml.encryption-structure") from unreadable
