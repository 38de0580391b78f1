"""What takes hours, or cannot be seen from outside. The suite's ids, and the attacks beside them: `tests.catalogue`."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.errors import GatewayError, SignInRefused
from tests.forges.oidc import OidcForge, b64
from tests.providers.conftest import OidcSignIn


def test_a_symmetric_key_among_the_keys_is_no_key(oidc: OidcSignIn) -> None:
    oidc.op.twist.jwks = {"keys": [{"kty": "oct", "kid": "o1", "k": b64(b"secret secret secret secret secret")}]}
    assert oidc.refusal() == "oidc.keys"


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


def test_a_payload_that_is_not_an_object(oidc: OidcSignIn) -> None:
    key = oidc.op.keys["k1"]
    header = {"alg": "RS256", "kid": "k1"}
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    body = f"{b64(json.dumps(header).encode())}.{b64(b'[1]')}"
    oidc.op.twist.id_token = f"{body}.{b64(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    assert oidc.refusal() == "oidc.token"


@pytest.mark.parametrize("kept", [{}, {"nonce": "x", "code_verifier": "y"}, {"departed": "99999999999"}])
def test_an_attempt_that_kept_nothing_useful(oidc: OidcSignIn, kept: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        oidc.provider.arrive(oidc.op.visit(oidc.departure.url), kept, oidc.now)


def test_a_provider_that_does_not_answer_costs_seconds(begin_oidc: Callable[..., OidcSignIn], op: OidcForge) -> None:
    op.twist.broken = {"/.well-known/openid-configuration": "slow"}
    with pytest.raises(GatewayError) as caught:
        begin_oidc()
    assert caught.value.reason == "oidc.unreachable"


def test_no_error_of_ours_holds_a_secret(oidc: OidcSignIn) -> None:
    oidc.op.twist.broken = {"/token": "500"}
    with pytest.raises(GatewayError) as caught:
        oidc.returns()
    told = f"{caught.value!r} {caught.value.sentence} {caught.value.reason}"
    basic = base64.b64encode(f"{oidc.op.client_id}:{oidc.op.client_secret}".encode()).decode()
    for secret in (oidc.op.client_secret, basic, *oidc.departure.kept.values()):
        assert secret not in told
    assert oidc.op.client_secret not in repr(oidc.provider)
