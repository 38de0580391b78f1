"""Proofs of a key (RFC 9449): the one kind that is taken, and everything else that somebody may send."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from app.errors import InvalidRequest
from app.native.sign_in_dpop import Proofs, SeenProof, read
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.native.proofs import TerminalKey, written

HERE = "https://aws.example.com/v1/token"
KEY = TerminalKey()
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def made(*, header: dict[str, Any] | None = None, **claims: Any) -> str:
    return KEY.proof(HERE, header=header, **{"iat": int(NOW.timestamp()), **claims})


def why_not(text: str, now: datetime = NOW) -> str:
    with pytest.raises(InvalidRequest) as refused:
        read(text, "POST", HERE, now)
    assert "aws login" in refused.value.sentence
    return refused.value.reason


def test_a_proof_of_now_for_this_address_holds_and_names_its_key() -> None:
    assert read(made(jti="a" * 36), "POST", HERE, NOW).thumbprint == KEY.thumbprint


@pytest.mark.parametrize(
    "address", ["HTTPS://AWS.Example.com/v1/token", "https://aws.example.com:443/v1/token", f"{HERE}?x=1#y"]
)
def test_an_address_may_be_spelt_otherwise(address: str) -> None:
    assert read(made(htu=address), "POST", HERE, NOW).thumbprint == KEY.thumbprint


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"htu": "https://other.example.com/v1/token"}, "dpop.address"),
        ({"htu": "http://aws.example.com/v1/token"}, "dpop.address"),
        ({"htu": "https://aws.example.com:8443/v1/token"}, "dpop.address"),
        ({"htu": "https://aws.example.com/token"}, "dpop.address"),
        ({"htu": "https://x@aws.example.com/v1/token"}, "dpop.address"),
        ({"htu": "https://aws.example.com:x/v1/token"}, "dpop.address"),
        ({"htu": None}, "dpop.address"),
        ({"htu": [HERE]}, "dpop.address"),
        ({"htm": "GET"}, "dpop.address"),
        ({"htm": None}, "dpop.address"),
        ({"iat": None}, "dpop.time"),
        ({"iat": True}, "dpop.time"),
        ({"iat": str(int(NOW.timestamp()))}, "dpop.time"),
        ({"iat": int(NOW.timestamp()) - 301}, "dpop.time"),
        ({"iat": int(NOW.timestamp()) + 301}, "dpop.time"),
        ({"iat": 10**30}, "dpop.time"),
        ({"iat": 10**400}, "dpop.time"),  # more than a float holds
        ({"iat": -(10**400)}, "dpop.time"),
        ({"jti": None}, "dpop.jti"),
        ({"jti": ""}, "dpop.jti"),
        ({"jti": "short"}, "dpop.jti"),
        ({"jti": 12345678901}, "dpop.jti"),
    ],
)
def test_a_proof_that_was_made_for_something_else_does_not_hold(claims: dict[str, Any], reason: str) -> None:
    assert why_not(made(**claims)) == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"typ": "jwt"}, "dpop.type"),
        ({"typ": None}, "dpop.type"),
        ({"alg": "ES384"}, "dpop.type"),
        ({"alg": "none"}, "dpop.type"),
        ({"jwk": None}, "dpop.header"),
        ({"jwk": "x"}, "dpop.header"),
        ({"kid": "x"}, "dpop.header"),
        ({"crit": ["exp"]}, "dpop.header"),
        ({"jwk": {**KEY.jwk, "d": written(secrets.token_bytes(32))}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "k": "x"}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "crv": "P-384"}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "kty": "oct"}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "x": KEY.jwk["x"][:-1]}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "x": written(b"\1" * 33)}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "x": ""}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "x": 7}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "x": "é"}}, "dpop.key"),
        ({"jwk": {**KEY.jwk, "y": KEY.jwk["x"]}}, "dpop.key"),
        ({"jwk": {name: value for name, value in KEY.jwk.items() if name != "y"}}, "dpop.key"),
        ({"jwk": TerminalKey().jwk}, "dpop.signature"),
    ],
)
def test_a_proof_of_another_kind_or_key_does_not_hold(header: dict[str, Any], reason: str) -> None:
    assert why_not(made(header=header)) == reason


def key_with_a_leading_zero() -> TerminalKey:
    while True:
        key = TerminalKey()
        if key.private.public_key().public_numbers().x < 1 << 248:
            return key


def test_a_coordinate_without_its_leading_zero_is_that_of_the_same_key() -> None:
    """As AWS's CLI writes it, for one key in 128: `aws login` would fail now and then, and nobody knew why."""
    key = key_with_a_leading_zero()
    number = key.private.public_key().public_numbers().x
    short = {**key.jwk, "x": written(number.to_bytes((number.bit_length() + 7) // 8, "big"))}
    assert len(short["x"]) < len(key.jwk["x"])
    proof = key.proof(HERE, header={"jwk": short}, iat=int(NOW.timestamp()))
    assert read(proof, "POST", HERE, NOW).thumbprint == key.thumbprint


def test_a_secret_that_both_know_is_no_key() -> None:
    """HS256 with the public key for a secret: the oldest trick."""
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": KEY.jwk}
    claims = {"htm": "POST", "htu": HERE, "iat": int(NOW.timestamp()), "jti": "a" * 36}
    assert (
        why_not(jwt.encode(header, claims, OctKey.import_key(json.dumps(KEY.jwk)), algorithms=["HS256"])) == "dpop.type"
    )


def test_another_curve_is_none_of_ours() -> None:
    key = ECKey.generate_key("P-384")
    header = {"typ": "dpop+jwt", "alg": "ES384", "jwk": key.as_dict(private=False)}
    assert why_not(jwt.encode(header, {"htm": "POST"}, key, algorithms=["ES384"])).startswith("dpop.")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é", "[" * 3_000, "e30.e30.", "W10.e30.e30"])
def test_what_is_no_proof_at_all_does_not_hold(text: str) -> None:
    assert why_not(text) == "dpop.header"


@given(st.data())
def test_a_proof_with_anything_changed_does_not_hold(data: st.DataObject) -> None:
    text = made()
    at = data.draw(st.integers(0, len(text) - 2))  # the very last letter holds bits that decode to nothing
    other = data.draw(st.sampled_from("ABab01-_.").filter(lambda letter: letter != text[at]))
    if at == text.rindex(".") - 1 or at == text.index(".") - 1:
        return  # so does the last letter of each part
    with pytest.raises(InvalidRequest):
        read(text[:at] + other + text[at + 1 :], "POST", HERE, NOW)


def test_a_proof_counts_once_and_again_only_if_its_request_came_to_nothing() -> None:
    moment = [NOW]
    drawers = MemoryDrawers(lambda: moment[0])
    proofs = Proofs(Shelf("proof", SeenProof, drawers, Sealer([b"k" * 32])), lambda: moment[0])
    proof = made()
    proofs.forget(proofs.take(proof, "POST", HERE))
    proofs.take(proof, "POST", HERE)
    with pytest.raises(InvalidRequest, match="used before"):
        proofs.take(proof, "POST", HERE)
    moment[0] = NOW + timedelta(minutes=5)
    with pytest.raises(InvalidRequest, match="used before"):
        proofs.take(proof, "POST", HERE)
    proofs.take(made(iat=int(moment[0].timestamp())), "POST", HERE)
