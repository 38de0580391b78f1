"""Certificates around the keys with which the gateway signs: IAM reads a SAML provider's keys out of certificates.

IAM does not act on their expiry, nor on who has signed them (IAM User Guide, "Create a SAML identity provider in IAM").
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from app.minting.signatures import Signer, signature_of

# The same for every key and at every start: each worker makes the certificate for itself, and all must publish the
# same bytes. 2049 is the last year that old readers of X.509 know (UTCTime; RFC 5280, section 4.1.2.5).
_ALWAYS_FROM, _ALWAYS_UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
_SERIAL_BYTES: Final = 16


def self_signed(private: RSAPrivateKey, serial: int, begins: datetime, ends: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fedgate")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(private, SHA256())
    )


def always_the_same(public: RSAPublicKey, signer: Signer) -> bytes:
    """PEM. The same bytes for the same key, whoever makes it and whenever. Raises what `signer` does."""
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = int.from_bytes(hashlib.sha256(spki).digest()[:_SERIAL_BYTES]) | 1  # never 0, which X.509 does not allow
    return self_signed(_KeptElsewhere(public, signer), serial, _ALWAYS_FROM, _ALWAYS_UNTIL).public_bytes(Encoding.PEM)


class _KeptElsewhere(RSAPrivateKey):
    """As much of a private key as the builder of a certificate asks for: its public half, and one signature."""

    def __init__(self, public: RSAPublicKey, signer: Signer) -> None:
        self._public, self._signer = public, signer

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        """`padding` and `algorithm` are those of every `Signer`: the builder's default, and what `self_signed` says."""
        return signature_of(self._signer, bytes(data))

    def public_key(self) -> RSAPublicKey:
        return self._public

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def decrypt(self, ciphertext: bytes, padding: Any) -> NoReturn:
        raise TypeError("this key only signs")

    def private_numbers(self) -> NoReturn:
        raise TypeError("this key is kept elsewhere")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:  # noqa: A002  the base's
        raise TypeError("this key is kept elsewhere")

    def __copy__(self) -> _KeptElsewhere:
        return self

    def __deepcopy__(self, memo: Any) -> _KeptElsewhere:
        return self
