"""The ID token: its header before its signature, its signature before its claims, its claims before anything.

OpenID Connect Core 1.0, 3.1.3.7; RFC 8725. joserfc verifies the signature; what the claims must say is
decided here, because Authlib's own checks accept an empty audience, a token of last year and another
client's token that names us as authorized party.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError

from app.providers.oidc.claims import Claims, text
from app.providers.oidc.keys import ALGORITHMS, KeyRing, PublicKey
from app.providers.refusals import refused

MOST_BYTES = 16 * 1024
SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
LONGEST = timedelta(hours=24)
SUBJECT_BYTES = 255

# A key, or the address of one, that comes with the token is the forger's key. Critical extensions we have none.
_FORBIDDEN_HEADERS = frozenset({"jku", "x5u", "jwk", "x5c", "crit", "b64", "zip", "enc"})
ID_TOKEN_TYPES = frozenset({"", "jwt", "application/jwt"})  # not at+jwt, logout+jwt, secevent+jwt: other tokens


def verified_claims(
    token: object, keys: KeyRing, now: datetime, types: frozenset[str] = ID_TOKEN_TYPES
) -> tuple[Claims, str]:
    """The claims of a token that the provider signed, and the algorithm. Raises SignInRefused."""
    if not isinstance(token, str) or not token:
        raise refused("oidc.token-missing")
    if len(token) > MOST_BYTES:
        raise refused("oidc.token-too-large")
    kid, algorithm = _header(token, types)

    def verify(key: PublicKey) -> Claims | None:
        try:
            return jwt.decode(token, key, algorithms=[algorithm]).claims
        except BadSignatureError:
            return None
        except (JoseError, ValueError, RecursionError) as malformed:
            raise refused("oidc.token") from malformed

    return keys.verified(kid, algorithm, now, verify), algorithm


def _header(token: str, types: frozenset[str]) -> tuple[str | None, str]:
    """Key id and algorithm, from the compact form only (three parts; joserfc also knows others)."""
    if token.count(".") != 2:
        raise refused("oidc.token")
    try:
        part = token.partition(".")[0]
        header = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as unreadable:
        raise refused("oidc.token") from unreadable
    if not isinstance(header, dict) or _FORBIDDEN_HEADERS & header.keys():
        raise refused("oidc.token-header")
    kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "")
    if not isinstance(kid, str | None) or not isinstance(kind, str) or kind.lower() not in types:
        raise refused("oidc.token-header")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise refused("oidc.token-algorithm")
    return kid, algorithm


def check_claims(claims: Claims, issuer: str, client_id: str, now: datetime) -> None:
    """Everything that makes it our ID token, of now. Raises SignInRefused."""
    check_addressed(claims, issuer, client_id)
    text(claims.get("sub"), SUBJECT_BYTES, "oidc.subject")
    if "events" in claims:  # a logout token or security event of the same provider, signed with the same key
        raise refused("oidc.token-type")
    _check_times(claims, now)


def check_nonce(claims: Claims, nonce: str) -> None:
    """It answers this very sign-in (Core 3.1.3.7, 11)."""
    said = claims.get("nonce")
    if (
        not nonce
        or not isinstance(said, str)
        or not hmac.compare_digest(said.encode(errors="surrogatepass"), nonce.encode())
    ):
        raise refused("oidc.nonce")


def check_addressed(claims: Claims, issuer: str, client_id: str) -> None:
    """From this provider, to us, whatever kind of token it is."""
    if not isinstance(claims.get("iss"), str) or claims["iss"] != issuer:
        raise refused("oidc.issuer")
    _check_audience(claims, client_id)


def _check_audience(claims: Claims, client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    several = audience if isinstance(audience, list) else [audience]
    if not client_id or client_id not in several or not all(isinstance(one, str) for one in several):
        raise refused("oidc.audience")
    if (len(several) > 1 or party is not None) and party != client_id:
        raise refused("oidc.authorized-party")


def _check_times(claims: Claims, now: datetime) -> None:
    issued, expires = moment(claims.get("iat")), moment(claims.get("exp"))
    if now - SKEW >= expires or now - issued > OLDEST:  # no sum: an end may be the last moment of the calendar
        raise refused("oidc.expired")
    if issued > now + SKEW or ("nbf" in claims and moment(claims["nbf"]) > now + SKEW):
        raise refused("oidc.too-early")
    if expires - issued > LONGEST or expires <= issued:
        raise refused("oidc.validity-too-long")


def moment(value: object) -> datetime:
    """A NumericDate (RFC 7519, section 2). A truth value is a number to Python and not to us."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused("oidc.times")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as impossible:
        raise refused("oidc.times") from impossible


def check_access_token(claims: Claims, algorithm: str, access_token: str) -> None:
    """`at_hash`, if it is there, must be of the access token that came along (Core 3.1.3.6)."""
    said = claims.get("at_hash")
    if said is None:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if (
        not isinstance(said, str)
        or not access_token
        or not hmac.compare_digest(said.encode(errors="surrogatepass"), half.encode())
    ):
        raise refused("oidc.at-hash")
