"""The one act that needs a private key: a signature over a digest, made here or where the key is kept.

RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2), which is RS256 in a token (RFC 7518, section 3.3) and rsa-sha256
in XML (RFC 6931, section 2.3.2). Whoever mints hashes, and hands over 32 bytes: no statement about a person leaves this
process to be signed elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256


class Signer(Protocol):
    def sign(self, digest: bytes) -> bytes:
        """Over a SHA-256. Raises AwsRefused or AwsUnavailable where the key is kept in AWS."""

    def problem(self) -> str:
        """Why the last signature could not be made, as a word for probes; empty if it could."""


@dataclass(frozen=True, slots=True)
class PrivateKeySigner:
    """With a key that this process holds."""

    private: RSAPrivateKey = field(repr=False)

    def sign(self, digest: bytes) -> bytes:
        return self.private.sign(digest, PKCS1v15(), Prehashed(SHA256()))

    def problem(self) -> str:
        return ""


def signature_of(signer: Signer, data: bytes) -> bytes:
    return signer.sign(hashlib.sha256(data).digest())
