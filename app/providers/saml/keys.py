"""Our own key pairs for SAML: the first signs what we send, all of them decrypt, all stand in our metadata.

That is how a key is changed without a day of failed sign-ins: add the new one second, let every provider read our
metadata, make it first, and take the old one out when nobody encrypts to it any more.

    python -m app.providers.saml.keys new FILE      makes one (RSA 3072, self-signed, ten years, mode 0600)
"""

from __future__ import annotations

import argparse
import base64
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

FEWEST_BITS, MOST_BITS = 2048, 8192  # a longer one would make each forged answer costly to us
NEW_BITS = 3072
NEW_LIFE = timedelta(days=3650)


class UnusableKey(ValueError):
    """The text is no key pair of ours. Says what was expected, never what was there."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private RSA key and its certificate. RSA, because providers can encrypt to nothing else."""

    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)

    def sign(self, octets: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256: `rsa-sha256` of RFC 6931, the one that every provider verifies."""
        return self.private.sign(octets, padding.PKCS1v15(), hashes.SHA256())

    @property
    def certificate_body(self) -> str:
        """The certificate as metadata wants it: base64 of DER, on one line."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


def read(text: str) -> KeyPair:
    """One PEM text with a private key and its certificate, in either order. Raises UnusableKey."""
    try:
        private = serialization.load_pem_private_key(text.encode(), password=None)
        certified = x509.load_pem_x509_certificates(text.encode())[0]
        public = certified.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as unreadable:  # TypeError: the key has a password
        raise UnusableKey("expected a private key without a password and its certificate, both PEM") from unreadable
    if not isinstance(private, rsa.RSAPrivateKey) or not FEWEST_BITS <= private.key_size <= MOST_BITS:
        raise UnusableKey(f"expected an RSA key of {FEWEST_BITS} to {MOST_BITS} bits")
    if public != private.public_key():
        raise UnusableKey("the certificate is not of this key")
    return KeyPair(private, certified)


def read_all(texts: Sequence[str]) -> tuple[KeyPair, ...]:
    """Raises UnusableKey; `problems` says the same of each text."""
    return tuple(read(text) for text in texts)


def problems(texts: Sequence[str]) -> list[str]:
    """What is wrong with the files of `key_files`, each by its number as people count."""
    found = []
    for number, text in enumerate(texts, 1):
        try:
            read(text)
        except UnusableKey as unusable:
            found.append(f"key_files[{number}]: {unusable}")
    return found


def new(now: datetime, bits: int = NEW_BITS) -> str:
    """A new key pair as one PEM text. The certificate is only a wrapping that SAML wants around a public key."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fedgate SAML service provider")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    certificate = builder.not_valid_after(now + NEW_LIFE).sign(private, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return (pem + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def main(arguments: Sequence[str], now: datetime) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.providers.saml.keys")
    commands = parser.add_subparsers(required=True, metavar="new")
    making = commands.add_parser("new", help="make a key pair for `key_files` of a SAML provider")
    making.add_argument("file", type=Path, help="where to put it; it must not exist yet")
    path: Path = parser.parse_args(arguments).file
    try:
        # Readable by its owner from the first byte on, and never over a key that providers still encrypt to.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(new(now))
    except OSError as failure:
        print(f"{path}: not written ({failure.strerror})", file=sys.stderr)
        return 1
    print(f"{path}: made. Name it in `key_files` of the provider, and give the provider our metadata again.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
