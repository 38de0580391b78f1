"""A terminal's key, and the proofs (DPoP) that it makes; made without the library that checks them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


@dataclass(frozen=True, slots=True)
class TerminalKey:
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, Any]:
        numbers = self.private.public_key().public_numbers()
        x, y = (written(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return written(hashlib.sha256(text.encode()).digest())

    def proof(self, address: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """As AWS's CLI makes it; `header` and `claims` change it, None leaves a claim out."""
        made = {"htm": "POST", "htu": address, "iat": int(time.time()), "jti": secrets.token_hex(16), **claims}
        body = {name: value for name, value in made.items() if value is not None}
        parts = ({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **(header or {})}, body)
        text = ".".join(written(json.dumps(part).encode()) for part in parts)
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{written(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
