"""Signing keys: one RSA key with a self-signed certificate for each protocol, kept in a directory or not at all.

Keys that last let a gateway keep its copy of our metadata when the stack is started again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

KEY_BITS = 2048  # RS256 asks for 2048 or more (RFC 7518 section 3.3); the local stack starts quickly with it
CERTIFICATE_LIFE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its certificate, both PEM."""

    private_pem: bytes = field(repr=False)
    certificate_pem: bytes

    @property
    def key_id(self) -> str:
        """Changes with the key, so that a client that cached the old one looks again."""
        certificate = x509.load_pem_x509_certificate(self.certificate_pem)
        return certificate.fingerprint(hashes.SHA256()).hex()[:16]

    @property
    def certificate_body(self) -> str:
        """The certificate as SAML metadata wants it: base64 without the lines around it."""
        return "".join(self.certificate_pem.decode("ascii").splitlines()[1:-1])


def make(purpose: str, clock: Callable[[], datetime]) -> SigningKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"local identity provider, {purpose}")])
    now = clock()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + CERTIFICATE_LIFE)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(private, certificate.public_bytes(serialization.Encoding.PEM))


def load_or_make(directory: Path | None, purpose: str, clock: Callable[[], datetime]) -> SigningKey:
    """The key kept for this purpose ("saml", "oidc"); a fresh one in memory when there is no directory."""
    if directory is None:
        return make(purpose, clock)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, certificate = directory / f"{purpose}.key.pem", directory / f"{purpose}.cert.pem"
    if private.is_file() and certificate.is_file():
        return SigningKey(private.read_bytes(), certificate.read_bytes())
    key = make(purpose, clock)
    certificate.write_bytes(key.certificate_pem)
    _write_private(private, key.private_pem)
    return key


def _write_private(path: Path, content: bytes) -> None:
    """Readable by its owner from the first byte on: a chmod afterwards leaves a moment in between."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
