"""What the OpenID Foundation's suite tests of a client, re-created; each test carries the id of its row
(`oidcc-client-test-` left out), and the attacks beside it that the suite does not have."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.errors import GatewayError, SignInRefused
from app.providers.refusals import UNVERIFIED
from tests.forges.oidc import LEAVE_OUT, OidcForge, b64, public_jwk
from tests.providers.conftest import OidcSignIn

DAY = 86_400


def nothing_further_was_sent(oidc: OidcSignIn) -> bool:
    return oidc.op.hits["/userinfo"] == 0


@pytest.mark.parametrize("issuer", ["https://evil.example.com", "", None, LEAVE_OUT, ["{issuer}"], "{issuer}/"])
def test_invalid_iss(oidc: OidcSignIn, issuer: Any) -> None:
    said = [oidc.op.issuer] if isinstance(issuer, list) else issuer
    oidc.op.twist.claims["iss"] = said.replace("{issuer}", oidc.op.issuer) if isinstance(said, str) else said
    assert oidc.refusal() == "oidc.issuer"
    assert nothing_further_was_sent(oidc)


@pytest.mark.parametrize("subject", [LEAVE_OUT, "", 7, None, ["248289761001"], "a" * 256, "a\u200bb", " a"])
def test_missing_sub(oidc: OidcSignIn, subject: Any) -> None:
    oidc.op.twist.claims["sub"] = subject
    assert oidc.refusal() == "oidc.subject"


@pytest.mark.parametrize(
    "audience", ["another", ["another"], [], "", LEAVE_OUT, None, {"gateway": 1}, ["gateway", 7], "gateway2"]
)
def test_invalid_aud_and_missing_aud(oidc: OidcSignIn, audience: Any) -> None:
    oidc.op.twist.claims["aud"] = audience
    assert oidc.refusal() == "oidc.audience"
    oidc.op.twist.claims["azp"] = oidc.op.client_id
    assert oidc.again().refusal() == "oidc.audience"


def test_invalid_aud_one_of_several_needs_us_as_the_authorized_party(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["aud"] = [oidc.op.client_id, "another"]
    assert oidc.refusal() == "oidc.authorized-party"
    oidc.op.twist.claims["azp"] = "another"
    assert oidc.again().refusal() == "oidc.authorized-party"
    oidc.op.twist.claims["azp"] = oidc.op.client_id
    assert oidc.again().arrives().name == "bob"


def test_invalid_aud_another_authorized_party(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["azp"] = "another"
    assert oidc.refusal() == "oidc.authorized-party"


@pytest.mark.parametrize("issued", [LEAVE_OUT, None, "1", True, float("inf"), 1e300])
def test_missing_iat(oidc: OidcSignIn, issued: Any) -> None:
    oidc.op.twist.claims["iat"] = issued
    assert oidc.refusal() == "oidc.times"


@pytest.mark.parametrize(
    ("claim", "seconds", "reason"),
    [
        ("iat", -365 * DAY, "oidc.expired"),
        ("iat", -11 * 60, "oidc.expired"),
        ("iat", 120, "oidc.too-early"),
        ("nbf", 120, "oidc.too-early"),
        ("auth_time", 120, "oidc.too-early"),
        ("exp", -90, "oidc.expired"),
        ("exp", 10 * 365 * DAY, "oidc.validity-too-long"),
        ("exp", 25 * 3600, "oidc.validity-too-long"),
        ("exp", -30, "oidc.validity-too-long"),  # before it was issued
    ],
)
def test_times_outside_the_windows(oidc: OidcSignIn, claim: str, seconds: int, reason: str) -> None:
    oidc.op.twist.claims[claim] = int(oidc.now.timestamp()) + seconds
    assert oidc.refusal() == reason


def test_a_clock_that_is_half_a_minute_off_is_forgiven(oidc: OidcSignIn) -> None:
    now = int(oidc.now.timestamp())
    oidc.op.twist.claims.update(iat=now + 30, auth_time=now + 30)
    assert oidc.arrives().authenticated_at == oidc.now
    oidc.op.twist.claims.update(iat=now - 300, exp=now - 30)
    assert oidc.again().arrives().name == "bob"


def test_kid_absent_single_jwks(oidc: OidcSignIn) -> None:
    oidc.op.twist.header["kid"] = LEAVE_OUT
    assert oidc.arrives().name == "bob"


def test_kid_absent_multiple_jwks(oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    oidc.op.twist.header["kid"] = LEAVE_OUT
    oidc.op.keys["k2"] = strangers_key
    assert oidc.refusal() == "oidc.signature"


def test_two_keys_of_one_name(oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    honest = oidc.op.jwks()["keys"]
    oidc.op.twist.jwks = {"keys": [public_jwk(strangers_key, "k1"), *honest]}
    assert oidc.refusal() == "oidc.signature"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS1", "EdDSA", 7, None])
def test_idtoken_sig_none_and_other_algorithms(oidc: OidcSignIn, algorithm: Any) -> None:
    oidc.op.twist.header["alg"] = algorithm
    oidc.op.twist.signature = b""
    assert oidc.refusal() == "oidc.token-algorithm"


def test_invalid_sig_rs256(oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    oidc.op.twist.signing_key = strangers_key
    assert oidc.refusal() == "oidc.signature"
    oidc.op.twist.signing_key, oidc.op.twist.signature = None, b""
    assert oidc.again().refusal() == "oidc.signature"


def test_invalid_sig_es256(oidc: OidcSignIn) -> None:
    oidc.op.keys["e1"] = ec.generate_private_key(ec.SECP256R1())
    oidc.op.twist.header.update(alg="ES256", kid="e1")
    oidc.op.twist.signing_key = ec.generate_private_key(ec.SECP256R1())
    assert oidc.refusal() == "oidc.signature"


def test_invalid_sig_es256_with_an_rsa_keys_name(oidc: OidcSignIn) -> None:
    oidc.op.twist.header.update(alg="ES256", kid="k1")
    oidc.op.twist.signing_key = ec.generate_private_key(ec.SECP256R1())
    assert oidc.refusal() == "oidc.signature"


def test_invalid_sig_hs256_keyed_with_the_public_key(oidc: OidcSignIn) -> None:
    public = oidc.op.keys["k1"].public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    oidc.op.twist.signing_key = public.public_bytes(serialization.Encoding.PEM, form)
    oidc.op.twist.header["alg"] = "HS256"
    assert oidc.refusal() == "oidc.token-algorithm"


def test_a_symmetric_key_among_the_keys_is_no_key(oidc: OidcSignIn) -> None:
    oidc.op.twist.jwks = {"keys": [{"kty": "oct", "kid": "o1", "k": b64(b"secret secret secret secret secret")}]}
    assert oidc.refusal() == "oidc.keys"


def test_encryption_private_and_small_keys_are_no_keys(oidc: OidcSignIn) -> None:
    key = oidc.op.keys["k1"]
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - must be refused
    for bad in (
        public_jwk(key, "k1", use="enc"),
        public_jwk(key, "k1", key_ops=["encrypt"]),
        public_jwk(key, "k1", d="AQAB"),
        public_jwk(key, "k1", alg="RS512"),
        public_jwk(key, "another"),
        public_jwk(small, "k1"),
        {"kty": "RSA", "kid": "k1", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "kid": ["k1"]},
        "k1",
    ):
        oidc.op.twist.jwks = {"keys": [bad, public_jwk(ec.generate_private_key(ec.SECP256R1()), "other")]}
        sign_in = OidcSignIn(oidc.op, oidc.provider, oidc.now)
        oidc.provider.keys.held._held = None  # as after a restart
        assert sign_in.refusal() == "oidc.signature"


@pytest.mark.parametrize("nonce", ["", "another", LEAVE_OUT, None, 7, ["{nonce}"]])
def test_nonce_invalid(oidc: OidcSignIn, nonce: Any) -> None:
    oidc.op.twist.claims["nonce"] = [oidc.departure.kept["nonce"]] if isinstance(nonce, list) else nonce
    oidc.op.twist.claims["nonce_supported"] = False  # a token may not switch off its own check
    assert oidc.refusal() == "oidc.nonce"


@pytest.mark.parametrize("said", ["", "AAAA", 7, ["x"]])
def test_invalid_athash(oidc: OidcSignIn, said: Any) -> None:
    oidc.op.twist.claims["at_hash"] = said
    assert oidc.refusal() == "oidc.at-hash"


def test_missing_athash_is_allowed_in_this_flow(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["at_hash"] = LEAVE_OUT
    assert oidc.arrives().name == "bob"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("access_denied", "oidc.cancelled"),
        ("login_required", "oidc.cancelled"),
        ("server_error", "oidc.provider-error"),
        ("<script>alert(1)</script>", "oidc.provider-error"),
        ("", "oidc.provider-error"),
    ],
)
def test_form_post_error(oidc: OidcSignIn, error: str, reason: str) -> None:
    with pytest.raises(SignInRefused) as caught:
        oidc.returns(error=error, error_description="Call 555-0100 and tell us your password")
    assert caught.value.reason == reason
    assert "555" not in caught.value.sentence
    assert "script" not in caught.value.sentence


def test_discovery_openid_config_and_discovery_jwks_uri_keys(oidc: OidcSignIn) -> None:
    oidc.arrives()
    oidc.again().arrives()
    assert oidc.op.hits["/.well-known/openid-configuration"] == 1
    assert oidc.op.hits["/jwks"] == 1


@pytest.mark.parametrize("issuer", ["https://evil.example.com", "{issuer}/", LEAVE_OUT, None, ["{issuer}"]])
def test_discovery_issuer_mismatch(begin_oidc: Callable[..., OidcSignIn], op: OidcForge, issuer: Any) -> None:
    op.twist.discovery["issuer"] = issuer.replace("{issuer}", op.issuer) if isinstance(issuer, str) else issuer
    with pytest.raises(GatewayError) as caught:
        begin_oidc()
    assert caught.value.reason == "oidc.discovery-issuer"


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    [
        "http://idp.example.com/x",
        "ftp://idp.example.com/x",
        "javascript:alert(1)",
        "https://169.254.169.254/latest",
        "https://[::ffff:169.254.169.254]/latest",
        "https://[fd00:ec2::254]/latest",
        "https://user:password@idp.example.com/",
        "https://",
        "",
        7,
        None,
    ],
)
def test_discovery_of_an_address_that_may_not_be(
    begin_oidc: Callable[..., OidcSignIn], op: OidcForge, endpoint: str, address: Any
) -> None:
    op.twist.discovery[endpoint] = address
    with pytest.raises(GatewayError) as caught:
        begin_oidc()
    assert caught.value.reason in ("oidc.discovery", "oidc.discovery-address")


def test_signing_key_rotation(oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    oidc.arrives()
    oidc.op.keys = {"k2": strangers_key}
    assert oidc.again().arrives().name == "bob"
    assert oidc.op.hits["/jwks"] == 2


def test_signing_key_rotation_just_before_signing_under_the_same_name(
    oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey
) -> None:
    oidc.arrives()
    oidc.op.keys = {"k1": strangers_key}
    assert oidc.again().arrives().name == "bob"


def test_invented_key_ids_do_not_become_requests(oidc: OidcSignIn) -> None:
    oidc.arrives()
    for number in range(5):
        oidc.op.twist.header["kid"] = f"invented-{number}"
        assert oidc.again().refusal() == "oidc.signature"
    assert oidc.op.hits["/jwks"] == 2
    oidc.now += timedelta(seconds=61)
    oidc.again().refusal()
    assert oidc.op.hits["/jwks"] == 3


def test_the_keys_of_yesterday_serve_while_the_provider_is_away_and_not_for_ever(oidc: OidcSignIn) -> None:
    oidc.arrives()
    oidc.op.twist.broken = {"/jwks": "500", "/.well-known/openid-configuration": "500"}
    later = oidc.now + timedelta(hours=2)
    assert oidc.provider.keys.held.get(later)
    with pytest.raises(GatewayError):
        oidc.provider.keys.held.get(oidc.now + timedelta(hours=25))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit", "b64", "zip"])
def test_a_token_that_brings_its_own_key_or_rules(oidc: OidcSignIn, name: str) -> None:
    oidc.op.twist.header[name] = public_jwk(oidc.op.keys["k1"], "k1") if name == "jwk" else ["https://evil.example.com"]
    assert oidc.refusal() == "oidc.token-header"


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "AT+JWT", 7, ["JWT"]])
def test_a_token_of_another_kind(oidc: OidcSignIn, kind: Any) -> None:
    oidc.op.twist.header["typ"] = kind
    assert oidc.refusal() == "oidc.token-header"


def test_a_logout_token_is_no_id_token(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["events"] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert oidc.refusal() == "oidc.token-type"


def rubbish_tokens() -> list[Any]:
    header = b64(json.dumps({"alg": "RS256", "kid": "k1"}).encode())
    deep = b64(b'{"alg":' + b"[" * 5000 + b"]" * 5000 + b"}")
    return ["", None, 7, {}, "a", "a.b", "a.b.c", "a.b.c.d.e", f"{header}.e30.", f"{header}..", "…", f"{deep}.e30.AA",
            json.dumps({"payload": "e30", "signatures": []}), f"{header}.{b64(b'[]')}.AAAA"]  # fmt: skip


@pytest.mark.parametrize("token", rubbish_tokens())
def test_a_token_that_is_none(oidc: OidcSignIn, token: Any) -> None:
    oidc.op.twist.id_token = token if token is not None else LEAVE_OUT
    if token is None:
        oidc.op.twist.token_response["id_token"] = LEAVE_OUT
    else:
        oidc.op.twist.token_response["id_token"] = token
    assert oidc.refusal() in (
        "oidc.token",
        "oidc.token-missing",
        "oidc.token-header",
        "oidc.token-algorithm",
        "oidc.signature",
    )


def test_a_token_that_is_too_large(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["padding"] = "x" * 16_384
    assert oidc.refusal() == "oidc.token-too-large"


def test_a_payload_that_is_not_an_object(oidc: OidcSignIn) -> None:
    key = oidc.op.keys["k1"]
    header = {"alg": "RS256", "kid": "k1"}
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    body = f"{b64(json.dumps(header).encode())}.{b64(b'[1]')}"
    oidc.op.twist.id_token = f"{body}.{b64(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    assert oidc.refusal() == "oidc.token"


@pytest.mark.parametrize("answer", [{"token_type": "mac"}, {"access_token": "a\r\nX: y"}, {"access_token": 7}])
def test_a_token_response_of_another_kind(oidc: OidcSignIn, answer: dict[str, Any]) -> None:
    oidc.op.twist.token_response = answer
    assert oidc.refusal() == "oidc.token-response"


def test_a_code_works_once_and_only_with_its_verifier(oidc: OidcSignIn) -> None:
    """RFC 9700, code injection: somebody else's code meets our verifier and fails at the provider."""
    query = oidc.op.visit(oidc.departure.url)
    mallory = oidc.again()
    with pytest.raises(SignInRefused) as caught:
        mallory.provider.arrive(query, mallory.departure.kept, mallory.now)
    assert caught.value.reason == "oidc.code"


def test_a_secret_that_the_provider_does_not_know_is_the_operators_to_mend(
    begin_oidc: Callable[..., OidcSignIn],
) -> None:
    with pytest.raises(SignInRefused, match="client secret") as caught:
        begin_oidc(client_secret="yesterday's").returns()
    assert caught.value.reason == "oidc.client-refused"
    assert "yesterday" not in caught.value.sentence


@pytest.mark.parametrize("code", ["", "invented", "x" * 9000, "ü\u202e"])
def test_a_code_that_is_none(oidc: OidcSignIn, code: str) -> None:
    with pytest.raises(SignInRefused) as caught:
        oidc.provider.arrive({"code": code}, oidc.departure.kept, oidc.now)
    assert caught.value.reason == "oidc.code"


def test_a_callback_of_another_issuer(oidc: OidcSignIn) -> None:
    """RFC 9207: mix-up."""
    assert oidc.refusal(iss="https://evil.example.com") == "oidc.callback-issuer"
    assert oidc.again().returns(iss=oidc.op.issuer).identity.name == "bob"


def test_a_callback_without_an_issuer_that_was_promised(begin_oidc: Callable[..., OidcSignIn], op: OidcForge) -> None:
    op.twist.discovery["authorization_response_iss_parameter_supported"] = True
    assert begin_oidc().refusal() == "oidc.callback-issuer"
    op.twist.callback["iss"] = op.issuer
    assert begin_oidc().arrives().name == "bob"


@pytest.mark.parametrize("kept", [{}, {"nonce": "x", "code_verifier": "y"}, {"departed": "99999999999"}])
def test_an_attempt_that_kept_nothing_useful(oidc: OidcSignIn, kept: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        oidc.provider.arrive(oidc.op.visit(oidc.departure.url), kept, oidc.now)


@pytest.mark.parametrize("how", ["500", "redirect", "large", "rubbish", "404"])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"])
def test_a_provider_that_is_broken(begin_oidc: Callable[..., OidcSignIn], op: OidcForge, path: str, how: str) -> None:
    del op.person["groups"]
    op.twist.broken = {path: how}
    with pytest.raises(GatewayError) as caught:
        begin_oidc().returns()
    assert caught.value.reason in (
        "oidc.unreachable",
        "oidc.discovery",
        "oidc.token-endpoint",
        "oidc.userinfo",
        "oidc.code",
    )
    assert caught.value.status in (400, 503)
    assert "127.0.0.1" not in caught.value.sentence


def test_a_provider_that_does_not_answer_costs_seconds(begin_oidc: Callable[..., OidcSignIn], op: OidcForge) -> None:
    op.twist.broken = {"/.well-known/openid-configuration": "slow"}
    with pytest.raises(GatewayError) as caught:
        begin_oidc()
    assert caught.value.reason == "oidc.unreachable"


def test_a_forger_reads_one_sentence_whatever_he_tries(oidc: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    sentences = set()
    twists: list[dict[str, Any]] = [{"aud": "another"}, {"iss": "https://evil.example.com"}, {"nonce": "another"}]
    for twist in twists:
        oidc.op.twist.claims = twist
        with pytest.raises(SignInRefused) as caught:
            oidc.again().returns()
        sentences.add(caught.value.sentence)
    oidc.op.twist.claims, oidc.op.twist.signing_key = {}, strangers_key
    with pytest.raises(SignInRefused) as caught:
        oidc.again().returns()
    assert {*sentences, caught.value.sentence} == {UNVERIFIED}


def test_no_error_of_ours_holds_a_secret(oidc: OidcSignIn) -> None:
    oidc.op.twist.broken = {"/token": "500"}
    with pytest.raises(GatewayError) as caught:
        oidc.returns()
    told = f"{caught.value!r} {caught.value.sentence} {caught.value.reason}"
    basic = base64.b64encode(f"{oidc.op.client_id}:{oidc.op.client_secret}".encode()).decode()
    for secret in (oidc.op.client_secret, basic, *oidc.departure.kept.values()):
        assert secret not in told
    assert oidc.op.client_secret not in repr(oidc.provider)
