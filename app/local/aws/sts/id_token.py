"""An OIDC token, verified: signature with keys fetched from the issuer, audience, time.

Source: STS API Reference, AssumeRoleWithWebIdentity; IAM User Guide, "Create an OpenID Connect identity
provider". RS and ES with SHA-2 only; `azp` beats `aud` when both are there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from app.local.aws.outside import NO_KEY, Outside
from app.local.aws.refusals import Refusal, bad_token, expired
from app.local.aws.things import OidcProvider

ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
MOST_KEYS = 100  # of each kind
_LEEWAY_SECONDS = 300  # for an `iat` or `nbf` ahead of our clock


@dataclass(frozen=True, slots=True)
class Token:
    """Verified claims. `audience` is `azp` if there is one."""

    issuer: str
    subject: str
    audience: str
    audiences: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)


def claimed_issuer(token: str) -> str:
    """Read before verification, to find the keys; believed only afterwards."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        issuer = claims["iss"]
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise not_a_jwt() from None
    if not isinstance(issuer, str):
        raise not_a_jwt()
    return issuer


def not_a_jwt() -> Refusal:
    hint = "(You may see this error if you sent an Access Token)"
    return bad_token(f"The ID Token provided is not a valid JWT. {hint}")


def verified(token: str, provider: OidcProvider, outside: Outside, now: datetime, oldest_seconds: int) -> Token:
    """Raises InvalidIdentityToken, ExpiredTokenException or IDPCommunicationError."""
    issuer = f"https://{provider.url}"
    claims = _signed_claims(token, _keys(issuer, outside))
    if claims.get("iss") != issuer:
        raise bad_token("Issuer in the token does not match the provider")
    _check_times(claims, now, oldest_seconds)
    audiences = _audiences(claims)
    azp = claims.get("azp")
    audience = azp if isinstance(azp, str) and azp else next((a for a in audiences if a in provider.client_ids), "")
    if audience not in provider.client_ids:
        raise bad_token("Incorrect token audience")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 6 <= len(subject) <= 255:
        raise bad_token("Missing a required claim: sub")
    return Token(issuer, subject, audience, audiences, claims)


def _keys(issuer: str, outside: Outside) -> KeySet:
    discovery = outside.document(f"{issuer}/.well-known/openid-configuration")
    if discovery.get("issuer") != issuer or not isinstance(discovery.get("jwks_uri"), str):
        raise bad_token(NO_KEY)
    entries = outside.document(discovery["jwks_uri"]).get("keys")
    if not isinstance(entries, list) or not entries:
        raise bad_token(NO_KEY)
    kinds = [entry.get("kty") for entry in entries if isinstance(entry, Mapping)]
    if kinds.count("RSA") > MOST_KEYS or kinds.count("EC") > MOST_KEYS:
        raise bad_token(NO_KEY)
    return KeySet([_key(entry) for entry in entries if isinstance(entry, dict) and _usable(entry)])


def _usable(entry: Mapping[str, Any]) -> bool:
    return entry.get("kty") in ("RSA", "EC") and entry.get("use", "sig") == "sig"


def _key(entry: dict[str, Any]) -> RSAKey | ECKey:
    try:
        return RSAKey.import_key(entry) if entry["kty"] == "RSA" else ECKey.import_key(entry)
    except (JoseError, ValueError, KeyError, TypeError):
        raise bad_token(NO_KEY) from None


def _signed_claims(token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        kid = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "==")).get("kid")
    except (ValueError, binascii.Error, AttributeError):
        raise not_a_jwt() from None
    if not any(kid is None or key.kid == kid for key in keys.keys):
        raise bad_token(NO_KEY)
    try:
        claims = json.loads(jws.deserialize_compact(token, keys, algorithms=ALGORITHMS).payload)
    except (JoseError, ValueError, TypeError):
        raise bad_token("Token signature invalid") from None
    if not isinstance(claims, Mapping):
        raise not_a_jwt()
    return claims


def _check_times(claims: Mapping[str, Any], now: datetime, oldest_seconds: int) -> None:
    today = int(now.timestamp())
    for name in ("exp", "iat"):
        if not _is_time(claims.get(name)):
            raise bad_token(f"Missing a required claim: {name}")
    if today >= claims["exp"]:
        order = f"current date/time {today} must be before the expiration date/time {claims['exp']}"
        raise expired(f"Token expired: {order}")
    if today - claims["iat"] > oldest_seconds:
        raise expired(f"Token too old: {today - claims['iat']}")
    begins = max(claims["iat"], claims["nbf"] if _is_time(claims.get("nbf")) else 0)
    if begins > today + _LEEWAY_SECONDS:
        raise bad_token("Token is not yet valid")


def _is_time(value: object) -> bool:
    """Integers only: "timestamps must be formatted as either an integer or a long integer"."""
    return isinstance(value, int) and not isinstance(value, bool)


def _audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    raw = claims.get("aud")
    found = tuple(raw) if isinstance(raw, list) else (raw,)
    if not found or not all(isinstance(item, str) and item for item in found):
        raise bad_token("Missing a required claim: aud")
    return found
