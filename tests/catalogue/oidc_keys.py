"""OpenID Connect: discovery and keys. Each row has a provider of its own, that nobody has asked anything yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.catalogue.homes import OidcHome
from tests.catalogue.oidc_recipes import admits, header, home, no_departure, nothing, refuses
from tests.catalogue.row import Outcome, Row, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit
from tests.forges.oidc import LEAVE_OUT, OidcForge, b64, public_jwk

_ID = "oidcc-client-test"
_NEW = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_CURVE = ec.generate_private_key(ec.SECP256R1())


def _discovery(name: str, value: Any) -> Callable[[OidcForge], object]:
    def before(op: OidcForge) -> None:
        filled = value.replace("{issuer}", op.issuer) if isinstance(value, str) else value
        op.twist.discovery[name] = [op.issuer] if value == ["{issuer}"] else filled

    return before


def _broken(path: str, how: str) -> Callable[[OidcForge], object]:
    def before(op: OidcForge) -> None:
        del op.person["groups"]
        op.twist.broken = {path: how}

    return before


def _published(*keys: Callable[[OidcForge], Any]) -> Callable[[OidcForge], object]:
    """The JWKS is these, whatever the provider signs with."""

    def before(op: OidcForge) -> None:
        op.twist.jwks = {"keys": [key(op) for key in keys]}

    return before


def _own(op: OidcForge, **more: Any) -> dict[str, Any]:
    return public_jwk(op.keys["k1"], "k1", **more)


def _other(_op: OidcForge) -> dict[str, Any]:
    return public_jwk(_CURVE, "other")


_SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - must be refused
_NO_KEYS: dict[str, Callable[[OidcForge], Any]] = {
    "for encryption": lambda op: _own(op, use="enc"),
    "to encrypt with": lambda op: _own(op, key_ops=["encrypt"]),
    "private": lambda op: _own(op, d="AQAB"),
    "of another algorithm": lambda op: _own(op, alg="RS512"),
    "of another name": lambda op: public_jwk(op.keys["k1"], "another"),
    "of 1024 bits": lambda _op: public_jwk(_SMALL, "k1"),
    "broken": lambda _op: {"kty": "RSA", "kid": "k1", "n": "!!", "e": "AQAB"},
    "named by a list": lambda _op: {"kty": "RSA", "kid": ["k1"]},
    "a text": lambda _op: "k1",
    "symmetric": lambda _op: {"kty": "oct", "kid": "k1", "k": b64(b"secret secret secret secret secret")},
}
_ADDRESSES = {
    "plain http": "http://idp.example.com/x",
    "ftp": "ftp://idp.example.com/x",
    "javascript": "javascript:alert(1)",
    "metadata service": "https://169.254.169.254/latest",
    "metadata service, v4 in v6": "https://[::ffff:169.254.169.254]/latest",
    "metadata service, v6": "https://[fd00:ec2::254]/latest",
    "with a password": "https://user:password@idp.example.com/",
    "no host": "https://",
    "empty": "",
    "a number": 7,
    "null": None,
}
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
_ISSUERS = {"another": "https://evil.example.com", "slash": "{issuer}/", "absent": LEAVE_OUT, "list": ["{issuer}"]}
_BREAKAGES = ("500", "redirect", "large", "rubbish", "404", "busy")


def _places(endpoint: str) -> list[tuple[int, Any]]:
    """All of them where the gateway itself goes first; a few where one check serves."""
    places = list(enumerate(_ADDRESSES.values()))
    return places if endpoint == "jwks_uri" else places[0:4:3]


def _homes() -> Iterator[tuple[str, OidcHome]]:
    for name, issuer in _ISSUERS.items():
        yield f"d-iss-{name}", home(_discovery("issuer", issuer))
    for number, endpoint in enumerate(_ENDPOINTS):
        for place, address in _places(endpoint):
            yield f"d-{number}-{place}", home(_discovery(endpoint, address))
    for number in range(len(_NO_KEYS)):
        yield f"k-none-{number}", home(_published(list(_NO_KEYS.values())[number], _other))
    yield "k-two", home(lambda op: op.keys.update(k2=_NEW))
    yield "k-twice", home(_published(lambda _op: public_jwk(_NEW, "k1"), _own))
    for name in ("k-rotates", "k-same", "k-flood", "k-fetched", "d-promised", "d-post"):
        yield name, home()
    for how in _BREAKAGES:
        for path in ("jwks", "token", "userinfo"):
            yield f"b-{path}-{how}", home(_broken(f"/{path}", how))
        yield f"b-discovery-{how}", home(_broken("/.well-known/openid-configuration", how))


HOMES = dict(_homes())
HOMES["d-promised"] = home(_discovery("authorization_response_iss_parameter_supported", True))
HOMES["d-post"] = home(_discovery("token_endpoint_auth_methods_supported", ["client_secret_post"]))


def rows() -> Iterator[Row]:
    yield goes_in(f"{_ID}-discovery-openid-config, -discovery-jwks-uri-keys", _fetched)
    for name in _ISSUERS:
        yield no_departure(f"{_ID}-discovery-issuer-mismatch {name}", f"d-iss-{name}")
    for number, endpoint in enumerate(_ENDPOINTS):
        for place, _ in _places(endpoint):
            yield no_departure(f"2.1 {endpoint}: {list(_ADDRESSES)[place]}", f"d-{number}-{place}")
    yield from _keys()
    yield from _broken_rows()
    yield refuses("RFC 9207 iss was promised and did not come", "oidc.callback-issuer", nothing, "d-promised")
    yield admits("RFC 9207 control", lambda op, _: op.twist.callback.update(iss=op.issuer), "d-promised")
    yield admits(f"{_ID}-client-secret-post control", at="d-post")


def _fetched(stage: Stage) -> Outcome:
    visit = OidcVisit.begin(stage, "k-fetched")
    outcome = visit.returns()
    asked = {path: visit.op.hits[path] for path in ("/.well-known/openid-configuration", "/jwks")}
    return outcome if min(asked.values()) >= 1 else replace(outcome, said=f"asked {asked}")


def _keys() -> Iterator[Row]:
    no_kid = header("kid", LEAVE_OUT)
    yield admits(f"{_ID}-kid-absent-single-jwks", no_kid)
    yield refuses(f"{_ID}-kid-absent-multiple-jwks", "oidc.signature", no_kid, "k-two")
    yield refuses("2.1 two keys of one name", "oidc.signature", nothing, "k-twice")
    for number, name in enumerate(_NO_KEYS):
        yield refuses(f"2.1 a key in the JWKS that is none: {name}", "oidc.signature", nothing, f"k-none-{number}")
    yield goes_in(f"{_ID}-signing-key-rotation", lambda stage: _rotated(stage, "k-rotates", "k2"))
    yield goes_in(f"{_ID}-signing-key-rotation-just-before-signing", lambda stage: _rotated(stage, "k-same", "k1"))
    yield refused("2.1 unknown kids: one fetch for all of them", "oidc.signature", _flood)


def _rotated(stage: Stage, at: str, kid: str) -> Outcome:
    """Signed in before, and again with a key that nobody has seen yet; `kid` the same: without notice."""
    with stage.twisted(at):
        first = OidcVisit.begin(stage, at)
        assert first.returns().session, "the first time is honest"
        visit = OidcVisit.begin(stage, at)
        visit.op.keys = {kid: _NEW}
        return visit.returns()


def _flood(stage: Stage) -> Outcome:
    with stage.twisted("k-flood"):
        first = OidcVisit.begin(stage, "k-flood")
        assert first.returns().session, "the first time is honest"
        before = first.op.hits["/jwks"]
        for number in range(8):
            first.op.twist.header["kid"] = f"invented-{number}"
            outcome = OidcVisit.begin(stage, "k-flood").returns()
        fetched = first.op.hits["/jwks"] - before
    # A worker that had no keys yet fetches its own copy; unknown key ids cost one fetch of all workers together.
    workers = len(stage.gateway.workers())
    return outcome if fetched <= workers else replace(outcome, said=f"the keys were fetched {fetched} times")


def _broken_rows() -> Iterator[Row]:
    for how in _BREAKAGES:
        yield no_departure(f"2.1 discovery answers with {how}", f"b-discovery-{how}")
        yield no_departure(f"2.1 jwks answers with {how}", f"b-jwks-{how}")
    for how in ("500", "redirect", "large", "busy"):
        yield no_departure(f"2.1 token endpoint answers with {how}", f"b-token-{how}")
        yield no_departure(f"2.1 userinfo answers with {how}", f"b-userinfo-{how}")
    yield no_departure("2.1 token endpoint answers with rubbish", "b-token-rubbish")
    yield refuses("2.1 token endpoint answers with 404", "oidc.code", nothing, "b-token-404")
    yield no_departure("2.1 userinfo answers with rubbish", "b-userinfo-rubbish")
    yield no_departure("2.1 userinfo answers with 404", "b-userinfo-404")
