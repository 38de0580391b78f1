"""The keys with which the gateway signs for AWS, and those of a directory: PEM files, newest name first.

`2026-11.pem` is an RSA private key of at least 2048 bits, `2026-11.crt` beside it a certificate for it (IAM
reads SAML keys from certificates; it does not act on their expiry). The key whose name sorts last signs; all
are published, so that a new key can be in AWS's cache before it signs and an old one after.

    python -m app.minting.keys new DIRECTORY
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc.jwk import RSAKey

from app.errors import ConfigurationProblems
from app.minting.certificates import self_signed
from app.minting.signatures import PrivateKeySigner, Signer

SMALLEST_KEY = 2048  # bits
_NEW_KEY = 3072


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What is published of a key, and who signs with it. `name` is the file's, or the id of a key in KMS."""

    name: str
    certificate_pem: bytes = field(repr=False)
    jwk: RSAKey = field(repr=False, compare=False)  # the public half, with the RFC 7638 thumbprint as `kid`
    signer: Signer = field(repr=False, compare=False)

    @property
    def certificate_base64(self) -> str:
        """DER in base64 without line breaks, as SAML metadata holds it."""
        return "".join(self.certificate_pem.decode().split("-----")[2].split())


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Newest first; there is at least one."""

    keys: Sequence[SigningKey]

    @property
    def newest(self) -> SigningKey:
        return self.keys[0]

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        """The public halves as a JWK Set (RFC 7517)."""
        return {"keys": [dict(key.jwk.as_dict(private=False)) for key in self.keys]}


def load_keys(directory: Path) -> SigningKeys:
    """Raises ConfigurationProblems with a sentence for each file that cannot be used."""
    problems: list[str] = []
    keys = []
    for path in sorted(directory.glob("*.pem"), reverse=True):
        try:
            keys.append(_load(path))
        except OSError as problem:
            problems.append(f"{problem.filename}: cannot be read ({problem.strerror})")
        except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
            problems.append(f"{path}: {problem}")
    if not keys and not problems:
        problems.append(f"{directory}: holds no *.pem key; make one with: python -m app.minting.keys new {directory}")
    if problems:
        raise ConfigurationProblems(problems)
    return SigningKeys(tuple(keys))


def public_jwk(public: RSAPublicKey) -> RSAKey:
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = RSAKey.import_key(pem, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


def new_key(directory: Path, now: datetime) -> Path:
    """A new RSA key and its certificate, named after the time, readable only by their owner."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{now:%Y-%m-%dT%H%M%SZ}.pem"
    private = generate_private_key(65537, _NEW_KEY)
    begins, ends = now - timedelta(minutes=5), now + timedelta(days=3650)
    certificate = self_signed(private, x509.random_serial_number(), begins, ends)
    _write(path.with_suffix(".crt"), certificate.public_bytes(Encoding.PEM), 0o644)
    _write(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    return path


def _load(path: Path) -> SigningKey:
    if path.stat().st_mode & 0o077:
        raise ValueError("is readable by others than its owner; run: chmod 600 on it")
    pem = path.read_bytes()
    private = load_pem_private_key(pem, password=None)
    if not isinstance(private, RSAPrivateKey) or private.key_size < SMALLEST_KEY:
        raise ValueError(f"expected an RSA private key of at least {SMALLEST_KEY} bits")
    certificate = path.with_suffix(".crt").read_bytes()
    if x509.load_pem_x509_certificate(certificate).public_key() != private.public_key():
        raise ValueError("the certificate beside it (.crt) is for another key")
    return SigningKey(path.stem, certificate, public_jwk(private.public_key()), PrivateKeySigner(private))


def _write(path: Path, data: bytes, mode: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(file, "wb") as out:
        out.write(data)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "new":
        print("usage: python -m app.minting.keys new DIRECTORY", file=sys.stderr)
        return 2
    print(new_key(Path(arguments[1]), datetime.now(UTC)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
