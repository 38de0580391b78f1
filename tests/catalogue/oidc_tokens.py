"""OpenID Connect, sections 2.1 and 2.2: the suite's ids that are about the ID token, and the cases beside them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.catalogue.homes import Homes
from tests.catalogue.oidc_recipes import DAY, Twists, admits, claim, header, home, refuses
from tests.catalogue.row import Row
from tests.catalogue.visits import OidcVisit
from tests.forges.oidc import LEAVE_OUT, OidcForge, b64, public_jwk

_ID = "oidcc-client-test"


def _with_curve(op: OidcForge) -> None:
    op.keys["e1"] = ec.generate_private_key(ec.SECP256R1())


HOMES: Homes = {"op-curve": home(_with_curve)}


def rows() -> Iterator[Row]:
    yield admits(_ID, name="bob", groups=["aws-dev", "everyone"], mfa=0)
    yield admits(f"{_ID}-idtoken-sig-rs256", header("alg", "RS256"))
    yield from _who()
    yield from _times()
    yield from _signatures()
    yield from _nonces()
    yield from _kinds()


def _who() -> Iterator[Row]:
    for issuer in ("https://evil.example.com", "", None, LEAVE_OUT, ["{issuer}"], "{issuer}/"):
        yield refuses(f"{_ID}-invalid-iss {_said(issuer)}", "oidc.issuer", claim("iss", issuer))
    for subject in (LEAVE_OUT, "", 7, None, ["248289761001"], "a" * 256, "a\u200bb", " a", "\ud800"):
        yield refuses(f"{_ID}-missing-sub {_said(subject)}", "oidc.subject", claim("sub", subject))
    for audience in ("another", ["another"], [], "", None, {"gateway": 1}, ["gateway", 7], "gateway2"):
        yield refuses(f"{_ID}-invalid-aud {_said(audience)}", "oidc.audience", claim("aud", audience))
        yield refuses(f"2.1 azp is us, aud {_said(audience)}", "oidc.audience", _azp(audience, "gateway"))
    yield refuses(f"{_ID}-missing-aud", "oidc.audience", claim("aud", LEAVE_OUT))
    several = ["gateway", "another"]
    yield refuses("2.1 several aud without azp", "oidc.authorized-party", claim("aud", several))
    yield refuses("2.1 several aud, azp is another", "oidc.authorized-party", _azp(several, "another"))
    yield refuses("2.1 aud is us, azp is another", "oidc.authorized-party", claim("azp", "another"))
    yield admits("2.1 several aud, azp is us", _azp(several, "gateway", keep_groups=True))


def _azp(audience: Any, party: str, keep_groups: bool = False) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        if not keep_groups:
            op.person.pop("groups", None)
        op.twist.claims.update(aud=audience, azp=party)

    return twist


def _times() -> Iterator[Row]:
    for issued in (None, "1", True, float("inf"), 1e300):
        yield refuses(f"2.1 iat {_said(issued)}", "oidc.times", claim("iat", issued))
    yield refuses(f"{_ID}-missing-iat", "oidc.times", claim("iat", LEAVE_OUT))
    yield refuses("2.1 missing exp", "oidc.times", claim("exp", LEAVE_OUT))
    for name, seconds, reason in (
        ("iat", -365 * DAY, "oidc.expired"),
        ("iat", -11 * 60, "oidc.expired"),
        ("iat", 120, "oidc.too-early"),
        ("nbf", 120, "oidc.too-early"),
        ("auth_time", 120, "oidc.too-early"),
        ("exp", -90, "oidc.expired"),
        ("exp", 10 * 365 * DAY, "oidc.validity-too-long"),
        ("exp", 25 * 3600, "oidc.validity-too-long"),
        ("exp", -30, "oidc.validity-too-long"),  # before it was issued
    ):
        yield refuses(f"2.1 {name} {seconds:+} s", reason, _moment(name, seconds))
    yield admits("2.3 clock skew, control: half a minute ahead", _moment("iat", 30))
    yield admits("2.3 clock skew, control: half a minute behind", _moment("exp", -30, iat=-300))


def _moment(name: str, seconds: int, **more: int) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        now = int(time.time())
        op.twist.claims.update({one: now + value for one, value in {name: seconds, **more}.items()})

    return twist


def _signatures() -> Iterator[Row]:
    yield refuses(f"{_ID}-idtoken-sig-none", "oidc.token-algorithm", header("alg", "none", b""))
    for algorithm in ("None", "NONE", "nOnE", "", "HS256", "HS512", "RS1", "EdDSA", 7, None):
        twist = header("alg", algorithm, b"")
        yield refuses(f"2.3 alg none and others: {_said(algorithm)}", "oidc.token-algorithm", twist)
    yield refuses(f"{_ID}-invalid-sig-rs256", "oidc.signature", _strangers_key)
    yield refuses(f"{_ID}-invalid-sig-rs256 empty", "oidc.signature", header("alg", "RS256", b""))
    yield refuses(f"{_ID}-invalid-sig-es256", "oidc.signature", _curve("e1"), "op-curve")
    yield refuses(f"{_ID}-invalid-sig-es256 under an RSA key's name", "oidc.signature", _curve("k1"), "op-curve")
    yield refuses(f"{_ID}-invalid-sig-hs256", "oidc.token-algorithm", _public_key_as_secret)
    yield refuses("2.3 HS-RS confusion, declared RS256", "oidc.signature", _public_key_as_secret_undeclared)


def _strangers_key(op: OidcForge, visit: OidcVisit) -> None:
    op.twist.signing_key = visit.stage.stranger


def _curve(kid: str) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.header.update(alg="ES256", kid=kid)
        op.twist.signing_key = ec.generate_private_key(ec.SECP256R1())

    return twist


def _public_key_as_secret(op: OidcForge, _visit: OidcVisit) -> None:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    op.twist.signing_key = op.keys["k1"].public_key().public_bytes(serialization.Encoding.PEM, form)
    op.twist.header["alg"] = "HS256"


def _public_key_as_secret_undeclared(op: OidcForge, visit: OidcVisit) -> None:
    _public_key_as_secret(op, visit)
    op.twist.header["alg"] = "RS256"


def _nonces() -> Iterator[Row]:
    for nonce in ("", "another", LEAVE_OUT, None, 7, ["{nonce}"], "\ud800"):
        yield refuses(f"{_ID}-nonce-invalid {_said(nonce)}", "oidc.nonce", claim("nonce", nonce))
    yield refuses("2.3 nonce_supported:false", "oidc.nonce", _nonce_switched_off)
    for said in ("", "AAAA", 7, ["x"], "\ud800"):
        yield refuses(f"{_ID}-invalid-athash {_said(said)}", "oidc.at-hash", claim("at_hash", said))
    yield admits(f"{_ID}-missing-athash (the code flow allows it)", _without_athash)


def _nonce_switched_off(op: OidcForge, _visit: OidcVisit) -> None:
    op.twist.claims.update(nonce=LEAVE_OUT, nonce_supported=False)


def _without_athash(op: OidcForge, _visit: OidcVisit) -> None:
    op.twist.claims["at_hash"] = LEAVE_OUT


def _kinds() -> Iterator[Row]:
    for name in ("jku", "x5u", "jwk", "x5c", "crit", "b64", "zip"):
        yield refuses(f"2.3 {name} header", "oidc.token-header", _own_rules(name))
    for kind in ("at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "AT+JWT", 7, ["JWT"]):
        yield refuses(f"2.3 cross-JWT, typ {_said(kind)}", "oidc.token-header", header("typ", kind))
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    yield refuses("2.3 cross-JWT, a logout token", "oidc.token-type", claim("events", event))
    yield refuses("2.3 array-valued iss", "oidc.issuer", claim("iss", ["{issuer}", "{issuer}"]))
    yield refuses("2.3 array-valued sub", "oidc.subject", claim("sub", ["248289761001", "admin"]))
    yield refuses("2.1 larger than 16 KiB", "oidc.token-too-large", claim("padding", "x" * 16_384))
    odd = "oidc.token oidc.token-missing oidc.token-header oidc.token-algorithm oidc.signature"
    for number, token in enumerate(_no_tokens()):
        yield refuses(f"2.1 a token that is none, {number}", odd, _token(token))
    yield refuses("2.1 id_token missing from the token response", "oidc.token-missing", _token(LEAVE_OUT))
    for answer in ({"token_type": "mac"}, {"access_token": "a\r\nX: y"}, {"access_token": 7}):
        yield refuses(f"2.1 a token response with {_said(answer)}", "oidc.token-response", _response(answer))


def _own_rules(name: str) -> Twists:
    """The forger's key, with the token that it signed."""

    def twist(op: OidcForge, visit: OidcVisit) -> None:
        op.twist.signing_key = visit.stage.stranger
        jwk = public_jwk(visit.stage.stranger, "k1")
        op.twist.header[name] = jwk if name == "jwk" else ["https://evil.example.com"]

    return twist


def _no_tokens() -> tuple[Any, ...]:
    start = b64(json.dumps({"alg": "RS256", "kid": "k1"}).encode())
    deep = b64(b'{"alg":' + b"[" * 5000 + b"]" * 5000 + b"}")
    general = json.dumps({"payload": "e30", "signatures": []})
    parts = ("", 7, {}, "a", "a.b", "a.b.c", "a.b.c.d.e", f"{start}.e30.", f"{start}..", "…", f"{deep}.e30.AA")
    return (*parts, general, f"{start}.{b64(b'[]')}.AAAA")


def _token(token: Any) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.token_response["id_token"] = token

    return twist


def _response(answer: dict[str, Any]) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.token_response = answer

    return twist


def _said(value: Any) -> str:
    return "absent" if value is LEAVE_OUT else f"{value!a:.24}"
