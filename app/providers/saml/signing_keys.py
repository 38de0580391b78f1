"""Whether octets were signed with the key of one of a provider's certificates. (RFC 6931, section 2.3)"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.providers.refusals import refused
from app.providers.saml.names import SIGNATURE_METHODS

_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)


def is_signed_by_one(certificates: Sequence[str], method: str, signature: bytes, octets: bytes) -> bool:
    """`certificates` are base64 of DER. Raises SignInRefused for a method that is not of our list."""
    if method not in SIGNATURE_METHODS:
        raise refused("saml.signature-algorithm")
    family, _, digest = method.rpartition("#")[2].partition("-")
    return any(_is_signed_by(one, family, _HASHES[digest], signature, octets) for one in certificates)


def _is_signed_by(certificate: str, family: str, digest: hashes.HashAlgorithm, signature: bytes, octets: bytes) -> bool:
    """The key decides what it can verify; the method only has to fit (an RSA key never does as HMAC secret)."""
    key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    try:
        match key:
            case rsa.RSAPublicKey() if family == "rsa":
                key.verify(signature, octets, padding.PKCS1v15(), digest)
            case ec.EllipticCurvePublicKey() if family == "ecdsa":
                key.verify(_as_der(signature, key), octets, ec.ECDSA(digest))
            case _:
                return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _as_der(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """RFC 6931 writes r and s side by side; what Java's and PHP's libraries put into a query is DER. Same numbers."""
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
