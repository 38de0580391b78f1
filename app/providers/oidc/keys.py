"""A provider's signing keys: only those that may verify, found by key id, fetched again within a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app.providers.last_good import LastGood
from app.providers.oidc.claims import Claims
from app.providers.refusals import refused

MOST_KEYS = 100
LEAST_RSA_BITS = 2048

# Our own list. What a provider's metadata offers ("none", HS256) is no argument.
ALGORITHMS = MappingProxyType(
    {
        "RS256": "RSA",
        "RS384": "RSA",
        "RS512": "RSA",
        "PS256": "RSA",
        "ES256": "P-256",
        "ES384": "P-384",
        "ES512": "P-521",
    }
)

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PUBLIC = frozenset({"kty", "kid", "n", "e", "crv", "x", "y"})

PublicKey = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str | None
    kind: str  # RSA, or the curve
    algorithm: str | None  # the only one it may be used with, if the provider says so
    key: PublicKey

    def fits(self, algorithm: str) -> bool:
        return ALGORITHMS.get(algorithm) == self.kind and self.algorithm in (None, algorithm)


Keys = tuple[SigningKey, ...]


def read_keys(document: Claims) -> Keys:
    """The keys of a JWKS that may verify. A symmetric, private or encryption key among them is left out:
    with a published `oct` key, anybody could sign.
    """
    entries = document.get("keys")
    if not isinstance(entries, list):
        return ()
    found = (_read_key(entry) for entry in entries[:MOST_KEYS])
    return tuple(key for key in found if key is not None)


def _read_key(entry: object) -> SigningKey | None:
    if not isinstance(entry, dict) or _PRIVATE & entry.keys() or not _may_verify(entry):
        return None
    kid, algorithm = entry.get("kid"), entry.get("alg")
    if not isinstance(kid, str | None) or not isinstance(algorithm, str | None):
        return None
    public: dict[str, str | list[str]] = {str(name): str(value) for name, value in entry.items() if name in _PUBLIC}
    try:
        if entry.get("kty") == "RSA":
            if len(str(entry.get("n", ""))) * 6 < LEAST_RSA_BITS:
                return None
            rsa = RSAKey.import_key(public)
            return SigningKey(kid, "RSA", algorithm, rsa) if rsa.public_key.key_size >= LEAST_RSA_BITS else None
        if entry.get("kty") == "EC":
            return SigningKey(kid, str(public.get("crv", "")), algorithm, ECKey.import_key(public))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _may_verify(entry: Claims) -> bool:
    operations = entry.get("key_ops")
    return entry.get("use", "sig") == "sig" and (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    )


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Finds the key of a token. Keys are fetched again for an unknown key id or a failed signature, because
    providers rotate; at most once a minute, because strangers can invent both.
    """

    held: LastGood[Keys]

    def verified(
        self, kid: str | None, algorithm: str, now: datetime, verify: Callable[[PublicKey], Claims | None]
    ) -> Claims:
        """What `verify` makes of the right key; None from it means that the signature is not of that key."""
        claims = self._try(self.held.get(now), kid, algorithm, verify)
        if claims is None:
            fetched = self.held.again(now)
            claims = None if fetched is None else self._try(fetched, kid, algorithm, verify)
        if claims is None:
            raise refused("oidc.signature")
        return claims

    @staticmethod
    def _try(
        keys: Keys, kid: str | None, algorithm: str, verify: Callable[[PublicKey], Claims | None]
    ) -> Claims | None:
        fitting = [key for key in keys if key.fits(algorithm) and kid in (None, key.kid)]
        # Without a key id only an only key is meant; with one, two keys of that name are a provider's mistake.
        return verify(fitting[0].key) if len(fitting) == 1 else None
