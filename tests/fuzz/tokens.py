"""OpenID Connect: no token that the key did not sign, no claim of another type, no group that was not said."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.errors import ProviderUnavailable, SignInRefused
from app.providers.last_good import LastGood
from app.providers.oidc import claims as reading
from app.providers.oidc.keys import KeyRing, read_keys
from app.providers.oidc.step_up import is_mfa
from app.providers.oidc.tokens import check_claims, check_nonce, verified_claims
from app.providers.settings import OidcSettings
from tests.forges.jose import b64, compact, public_jwk
from tests.fuzz.target import Target, text_of

_ISSUER, _CLIENT, _NONCE = "https://idp.example.com", "gateway", "nonce-of-this-sign-in"
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_EC = ec.generate_private_key(ec.SECP256R1())
_NOW = int(time.time())
_WHEN = datetime.fromtimestamp(_NOW, UTC)
_PUBLISHED = read_keys({"keys": [public_jwk(_RSA, "k1"), public_jwk(_EC, "e1")]})
_HONEST: dict[str, Any] = {
    "iss": _ISSUER,
    "aud": _CLIENT,
    "sub": "248289761001",
    "iat": _NOW,
    "exp": _NOW + 300,
    "nonce": _NONCE,
    "groups": ["aws-dev", "everyone"],
    "realm_access": {"roles": ["aws-dev"]},
    "department": "Payments",
    "amr": ["pwd"],
}
_TOKENS = (
    compact({"alg": "RS256", "kid": "k1", "typ": "JWT"}, _HONEST, _RSA),
    compact({"alg": "PS256", "kid": "k1"}, _HONEST, _RSA),
    compact({"alg": "ES256", "kid": "e1"}, _HONEST, _EC),
)
_SETTINGS = tuple(
    OidcSettings("okta", "Okta", _ISSUER, _CLIENT, "secret", groups_claim=path, attributes=("department", "a.b"))
    for path in ("groups", "realm_access.roles", "https://example.com/claims.groups")
)


def token(data: bytes) -> None:
    """A token is believed only if the key signed its very header and payload."""
    ring = KeyRing(LastGood(lambda: _PUBLISHED))
    text = text_of(data)
    try:
        verified_claims(text, ring, _WHEN)
    except (SignInRefused, ProviderUnavailable):
        return
    assert text.rpartition(".")[0] in {honest.rpartition(".")[0] for honest in _TOKENS}, "forged"


def claims(data: bytes) -> None:
    """What is accepted has the types and the addressee that it must have, and only groups that it says."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict):
        return
    _checked(said)
    for settings in _SETTINGS:
        _groups(said, settings)
        _rest(said, settings)


def _checked(said: dict[str, Any]) -> None:
    try:
        check_claims(said, _ISSUER, _CLIENT, _WHEN)
        check_nonce(said, _NONCE)
    except SignInRefused:
        return
    audience = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    assert type(said["iss"]) is str and said["iss"] == _ISSUER  # noqa: PT018 - one thought
    assert _CLIENT in audience
    assert len(audience) == 1 or said["azp"] == _CLIENT
    assert type(said["sub"]) is str and 0 < len(said["sub"].encode()) <= 255  # noqa: PT018 - one thought
    assert said["nonce"] == _NONCE
    assert "events" not in said
    assert type(said["iat"]) in (int, float) and abs(said["iat"] - _NOW) <= 660  # noqa: PT018 - one thought
    assert _NOW - 60 < said["exp"] <= said["iat"] + 86_400


def _groups(said: dict[str, Any], settings: OidcSettings) -> None:
    try:
        found = reading.groups(said, settings)
    except SignInRefused:
        return
    literal = [value for value in _values(said) if isinstance(value, list) and set(_texts(value)) == found]
    assert literal, "a group that no list of the claims says"
    assert all(type(group) is str and group and len(group.encode()) <= 256 for group in found)
    assert not any(character < " " or character == "\x7f" for group in found for character in group)


def _rest(said: dict[str, Any], settings: OidcSettings) -> None:
    for read in (reading.name, reading.email, reading.attributes, is_mfa):
        try:
            found = read(said, settings)
        except SignInRefused:
            continue
        if read is reading.attributes:
            assert isinstance(found, dict)
            words = {text for value in _values(said) for text in _texts(value if isinstance(value, list) else [value])}
            assert all(text in words for values in found.values() for text in values), "an attribute nobody sent"
    reading.is_overage(said, settings)


def _values(value: Any) -> list[Any]:
    """The value and every one inside it."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for one in inside for found in _values(one))]


def _texts(values: list[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


_WORDS = tuple(
    f'"{name}"'.encode() for name in (*_HONEST, "azp", "events", "alg", "kid", "typ", "jwk", "none", "HS256")
)
TARGETS = (
    Target("token", token, tuple(one.encode() for one in _TOKENS), (b".", b"=", b64(b'{"alg":"none"}').encode())),
    Target(
        "claims",
        claims,
        (
            json.dumps(_HONEST).encode(),
            json.dumps({**_HONEST, "aud": [_CLIENT, "x"], "azp": _CLIENT}).encode(),
            b'{"https://example.com/claims": {"groups": ["a"]}, "a": {"b": ["x"]}, "hasgroups": true}',
        ),
        (*_WORDS, b"[]", b"{}", b"null", b"true", b"1e400", b"NaN", b"Infinity", b'"\\u200b"', b'"\\ud800"'),
    ),
)
