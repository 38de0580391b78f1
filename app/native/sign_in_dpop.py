"""DPoP (RFC 9449): who asks for a token holds a key, and the token is worth nothing to who does not.

A proof is a JWT that its holder made for this one request. Checked here (section 4.3), with rules of our own and no
more of the library than one signature: its type and algorithm, a public P-256 key in its header and nothing private,
method and address, its age, and that it was not seen before.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from app.errors import InvalidRequest
from app.store.shelf import Shelf

_LONGEST = 2_000  # characters; a proof of AWS's CLI has 500
# A clock that is further off cannot sign requests to AWS either.
_WINDOW = timedelta(minutes=5)
_COORDINATE = 32  # bytes
_JTI = re.compile(r"[!-~]{8,256}", re.ASCII)
_NAMED = {"kty", "crv", "x", "y", "alg", "kid", "use", "key_ops"}  # nothing private
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SeenProof:
    """A stored document under key and name (`jti`) of a proof that was used."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """One that holds. `thumbprint`: of the key (RFC 7638); `name`: what it was made unique by."""

    thumbprint: str
    name: str

    @property
    def key(self) -> str:
        return json.dumps([self.thumbprint, self.name])


@dataclass(frozen=True, slots=True)
class Proofs:
    seen: Shelf[SeenProof]
    clock: Callable[[], datetime]

    def take(self, text: str, method: str, address: str) -> Proof:
        """Once only. `address`: of ours, as everybody is told it; what the request says of its host counts for nothing.

        Raises InvalidRequest."""
        now = self.clock()
        proof = read(text, method, address, now)
        if not self.seen.add(proof.key, SeenProof(now), 2 * _WINDOW + timedelta(minutes=1)):
            raise _refused("it was used before", "dpop.replay")
        return proof

    def forget(self, proof: Proof) -> None:
        """The request came to nothing and may be sent again: AWS's tools repeat it with the same proof."""
        self.seen.drop(proof.key)


def read(text: str, method: str, address: str, now: datetime) -> Proof:
    """A proof for this method and address, of now. Raises InvalidRequest."""
    header, key = _key(text)
    if header.get("typ") != "dpop+jwt" or header.get("alg") != "ES256":
        raise _refused("its type or algorithm is not dpop+jwt with ES256", "dpop.type")
    claims = _claims(text, key)
    if claims.get("htm") != method or not _same_address(claims.get("htu"), address):
        raise _refused(f"it was made for another address than {address}", "dpop.address")
    made = claims.get("iat")
    # Whole seconds: of a number with a thousand digits Python makes no float, and fails.
    off = abs(made - int(now.timestamp())) if isinstance(made, int) and not isinstance(made, bool) else None
    if off is None or off > _WINDOW // timedelta(seconds=1):
        raise _refused("it was not made now; set this computer's clock", "dpop.time")
    name = claims.get("jti")
    if not isinstance(name, str) or not _JTI.fullmatch(name):
        raise _refused("it has no jti", "dpop.jti")
    return Proof(key.thumbprint(), name)


def _key(text: str) -> tuple[Mapping[str, object], ECKey]:
    """The header, and the public key in it. One with anything private in it is refused: it has been shown around."""
    header = _object(text.partition(".")[0]) if 0 < len(text) <= _LONGEST else {}
    jwk = header.get("jwk")
    if set(header) != {"typ", "alg", "jwk"} or not isinstance(jwk, dict):
        raise _refused("there is none, or it cannot be read", "dpop.header")
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256") or set(jwk) - _NAMED:
        raise _not_public()
    try:
        x, y = _coordinate(jwk.get("x")), _coordinate(jwk.get("y"))
        return header, ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    except (JoseError, ValueError):  # no point of the curve
        raise _not_public() from None


def _coordinate(said: object) -> str:
    """As RFC 7518 (6.2.1.2) wants it, all 32 bytes: AWS's CLI leaves a leading zero out, which one key in 128 has.

    The same key has the same thumbprint however it was written. Raises ValueError."""
    number = _decoded(said) if isinstance(said, str) else b""
    if not 0 < len(number) <= _COORDINATE:
        raise ValueError("no coordinate of P-256")
    return base64.urlsafe_b64encode(number.rjust(_COORDINATE, b"\0")).decode().rstrip("=")


def _claims(text: str, key: ECKey) -> Mapping[str, object]:
    try:
        payload = jws.deserialize_compact(text, key, algorithms=["ES256"]).payload
        found = json.loads(payload)
    except (JoseError, ValueError, RecursionError):
        raise _refused("its signature is not its key's", "dpop.signature") from None
    return found if isinstance(found, dict) else {}


def _object(part: str) -> Mapping[str, object]:
    try:
        found = json.loads(_decoded(part))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _decoded(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)


def _same_address(said: object, ours: str) -> bool:
    """Without query and fragment (RFC 9449, 4.3), and however scheme, host and usual port are spelt (RFC 3986, 6.2)."""
    return isinstance(said, str) and _plain(said) == _plain(ours)


def _plain(address: str) -> tuple[str, str, int | None, str] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return None if "@" in parts.netloc else (parts.scheme, parts.hostname or "", port, parts.path)


def _not_public() -> InvalidRequest:
    return _refused("its key is not a public one on P-256", "dpop.key")


def _refused(why: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"The proof of your key (DPoP) does not hold: {why}. Run: aws login", reason=reason)
