"""Signed tokens and published keys, made by hand: of any algorithm, right or wrong."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def compact(header: dict[str, Any], claims: dict[str, Any], key: Any, signature: bytes | None = None) -> str:
    """A JWS, signed as its header says, whatever it says."""
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    made = _sign(signing_input.encode(), str(header.get("alg")), key) if signature is None else signature
    return f"{signing_input}.{b64(made)}"


def _sign(data: bytes, algorithm: str, key: Any) -> bytes:
    if algorithm == "none":
        return b""
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(
        algorithm[2:], hashes.SHA256()
    )
    if isinstance(key, bytes):
        return hmac.new(key, data, "sha256").digest()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        size = (key.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if algorithm.startswith("PS"):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return bytes(key.sign(data, pss, digest))
    return bytes(key.sign(data, padding.PKCS1v15(), digest))


def public_jwk(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    named = {} if kid is None else {"kid": kid}
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "use": "sig", "n": _integer(numbers.n), "e": _integer(numbers.e), **named, **more}
    size = (key.key_size + 7) // 8
    curve = {256: "P-256", 384: "P-384", 521: "P-521"}[key.key_size]
    x, y = b64(numbers.x.to_bytes(size, "big")), b64(numbers.y.to_bytes(size, "big"))
    return {"kty": "EC", "use": "sig", "crv": curve, "x": x, "y": y, **named, **more}


def _integer(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
