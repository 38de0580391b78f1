"""Bob's sessions end: because he leaves (RP-Initiated Logout), or because his provider says so (Back-Channel Logout).

The ids are those of the OpenID Foundation's suite, without `oidcc-client-test-`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.errors import GatewayError, ProviderUnavailable
from app.providers.arrival import Ending
from app.providers.oidc.provider import OidcProvider
from tests.forges.oidc import LEAVE_OUT, LOGOUT_EVENT, OidcForge, b64
from tests.providers.conftest import OidcSignIn

HOME = "https://aws.example.com/"
Begin = Callable[..., OidcSignIn]


def farewell(sign_in: OidcSignIn, upstream: dict[str, str] | None = None) -> str:
    arrival = sign_in.returns()
    before = arrival.upstream if upstream is None else upstream
    departure = sign_in.provider.farewell(before, arrival.identity, HOME, "state-2", sign_in.now)
    return "" if departure is None else departure.url


def test_rp_init_logout(oidc: OidcSignIn) -> None:
    url = farewell(oidc)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{oidc.op.issuer}/end?")
    assert asked["id_token_hint"].count(".") == 2
    assert (asked["client_id"], asked["post_logout_redirect_uri"], asked["state"]) == ("gateway", HOME, "state-2")
    back = requests.get(url, allow_redirects=False, timeout=60).headers["Location"]
    assert dict(parse_qsl(urlsplit(back).query)) == {"state": "state-2"}


def test_a_provider_without_the_endpoint_is_left_alone(begin_oidc: Begin, op: OidcForge) -> None:
    for absent in (LEAVE_OUT, None):
        op.twist.discovery["end_session_endpoint"] = absent
        assert farewell(begin_oidc()) == ""


def test_the_operator_may_want_people_to_stay_signed_in_there(begin_oidc: Begin) -> None:
    assert farewell(begin_oidc(sign_out_at_provider=False)) == ""


@pytest.mark.parametrize("address", ["http://idp.example.com/end", "javascript:alert(1)", "https://10.0.0.1#x", 7, ""])
def test_an_endpoint_that_may_not_be(begin_oidc: Begin, op: OidcForge, address: Any) -> None:
    op.twist.discovery["end_session_endpoint"] = address
    with pytest.raises(ProviderUnavailable) as caught:
        begin_oidc()
    assert caught.value.reason in ("oidc.discovery", "oidc.discovery-address")


def test_an_endpoint_with_a_query_of_its_own_keeps_it(begin_oidc: Begin, op: OidcForge) -> None:
    op.twist.discovery["end_session_endpoint"] = f"{op.issuer}/end?tenant=1"
    assert parse_qs(urlsplit(farewell(begin_oidc())).query)["tenant"] == ["1"]


def test_a_token_that_aws_would_take_is_in_no_address(begin_oidc: Begin) -> None:
    assert "id_token_hint" not in farewell(begin_oidc(passthrough=True))


def test_a_hint_too_long_for_an_address_is_left_out(oidc: OidcSignIn) -> None:
    assert "id_token_hint" not in farewell(oidc, {"id_token": "x" * 5000})
    assert "id_token_hint" not in farewell(oidc.again(), {})


@pytest.fixture
def end(oidc: OidcSignIn) -> Callable[..., Ending]:
    """Post a logout token, honest but for what is given."""

    def post(header: dict[str, Any] | None = None, **claims: Any) -> Ending:
        return oidc.provider.back_channel(oidc.op.logout_token(header, **claims), oidc.now)

    return post


@pytest.fixture
def refusal(end: Callable[..., Ending]) -> Callable[..., str]:
    def post(header: dict[str, Any] | None = None, **claims: Any) -> str:
        with pytest.raises(GatewayError) as caught:
            end(header, **claims)
        return caught.value.reason

    return post


Post = Callable[..., str]


def test_rp_backchannel_rpinitlogout(oidc: OidcSignIn, end: Callable[..., Ending]) -> None:
    ending = end(jti="once")
    assert (ending.subject, ending.sids) == ("248289761001", ("provider-session-1",))
    assert ending.used_once == "okta:once"
    assert ending.used_until - oidc.now > timedelta(minutes=2)  # for as long as it would be taken


@pytest.mark.parametrize(
    ("left_out", "subject", "sids"),
    [("sid", "248289761001", ()), ("sub", "", ("provider-session-1",))],
)
def test_a_person_or_a_session_is_enough(
    end: Callable[..., Ending], left_out: str, subject: str, sids: tuple[str, ...]
) -> None:
    ending = end(**{left_out: LEAVE_OUT})
    assert (ending.subject, ending.sids) == (subject, sids)


def test_a_gateway_that_has_only_just_started_takes_it_too(begin_oidc: Begin) -> None:
    """Before the first sign-in nobody had asked where the keys are, and the provider's word was lost as a forgery."""
    oidc = begin_oidc()
    oidc.provider.endpoints._held = None  # as at a start; whoever begins a sign-in, as here, has asked
    assert oidc.provider.back_channel(oidc.op.logout_token(), oidc.now).subject == "248289761001"


def test_nobody_is_not_everybody(refusal: Post) -> None:
    assert refusal(sub=LEAVE_OUT, sid=LEAVE_OUT) == "oidc.logout.subject"


@pytest.mark.parametrize("kind", ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT"])
def test_the_kinds_that_providers_send(end: Callable[..., Ending], kind: str) -> None:
    assert end({"typ": kind}).subject


def test_rp_backchannel_rpinitlogout_alg_none(oidc: OidcSignIn, refusal: Post) -> None:
    oidc.op.twist.signature = b""
    for algorithm in ("none", "None", ""):
        assert refusal({"alg": algorithm}) == "oidc.logout.token-algorithm"


def test_rp_backchannel_rpinitlogout_wrong_alg(oidc: OidcSignIn, refusal: Post) -> None:
    public = oidc.op.keys["k1"].public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    oidc.op.twist.signing_key = public.public_bytes(serialization.Encoding.PEM, form)
    assert refusal({"alg": "HS256"}) == "oidc.logout.token-algorithm"
    oidc.op.twist.signing_key = ec.generate_private_key(ec.SECP256R1())
    assert refusal({"alg": "ES256"}) == "oidc.logout.signature"


@pytest.mark.parametrize("issuer", ["https://evil.example.com", LEAVE_OUT, "", None, ["x"]])
def test_rp_backchannel_rpinitlogout_wrong_iss(refusal: Post, issuer: Any) -> None:
    assert refusal(iss=issuer) == "oidc.logout.issuer"


@pytest.mark.parametrize("audience", ["another", [], "", LEAVE_OUT, ["another"]])
def test_rp_backchannel_rpinitlogout_wrong_aud(refusal: Post, audience: Any) -> None:
    assert refusal(aud=audience) == "oidc.logout.audience"


def test_rp_backchannel_rpinitlogout_no_event(refusal: Post) -> None:
    assert refusal(events=LEAVE_OUT) == "oidc.logout.events"


@pytest.mark.parametrize(
    "events",
    [
        {},
        {"https://schemas.openid.net/event/backchannel-logout": {}},
        {LOGOUT_EVENT: {}, "http://schemas.openid.net/secevent/risc/event-type/account-disabled": {}},
        {LOGOUT_EVENT: "yes"},
        {LOGOUT_EVENT: None},
        [LOGOUT_EVENT],
        LOGOUT_EVENT,
        None,
    ],
)
def test_rp_backchannel_rpinitlogout_wrong_event(refusal: Post, events: Any) -> None:
    assert refusal(events=events) == "oidc.logout.events"


@pytest.mark.parametrize("nonce", ["n", "", None])
def test_rp_backchannel_rpinitlogout_with_nonce(refusal: Post, nonce: Any) -> None:
    assert refusal(nonce=nonce) == "oidc.logout.nonce"


@pytest.mark.parametrize("identifier", [LEAVE_OUT, "", 7, None, "x" * 300])
def test_a_token_that_could_come_twice(refusal: Post, identifier: Any) -> None:
    assert refusal(jti=identifier) == "oidc.logout.jti"


@pytest.mark.parametrize(
    ("claim", "seconds", "reason"),
    [
        ("iat", -121, "oidc.logout.expired"),
        ("iat", -86_400, "oidc.logout.expired"),
        ("iat", 120, "oidc.logout.too-early"),
        ("nbf", 120, "oidc.logout.too-early"),
        ("exp", -90, "oidc.logout.expired"),
    ],
)
def test_a_token_of_another_time(oidc: OidcSignIn, refusal: Post, claim: str, seconds: int, reason: str) -> None:
    assert refusal(**{claim: int(oidc.now.timestamp()) + seconds}) == reason


@pytest.mark.parametrize("issued", [LEAVE_OUT, None, "1", True])
def test_a_token_without_a_time(refusal: Post, issued: Any) -> None:
    assert refusal(iat=issued) == "oidc.logout.times"


def test_an_expiry_need_not_be_said(end: Callable[..., Ending]) -> None:
    assert end(exp=LEAVE_OUT).subject


@pytest.mark.parametrize(("claim", "value"), [("sub", 7), ("sub", ""), ("sub", ["a"]), ("sid", None), ("sid", {})])
def test_somebody_of_another_type(refusal: Post, claim: str, value: Any) -> None:
    assert refusal(**{claim: value}) == f"oidc.logout.{'subject' if claim == 'sub' else 'sid'}"


def test_an_id_token_ends_nothing(oidc: OidcSignIn) -> None:
    token = oidc.returns().upstream["id_token"]
    with pytest.raises(GatewayError) as caught:
        oidc.provider.back_channel(token, oidc.now)
    assert caught.value.reason == "oidc.logout.events"


@pytest.mark.parametrize("kind", ["at+jwt", "secevent+jwt", 7])
def test_a_token_of_another_kind_ends_nothing(refusal: Post, kind: Any) -> None:
    assert refusal({"typ": kind}) == "oidc.logout.token-header"


def test_a_strangers_word_ends_nothing(oidc: OidcSignIn, refusal: Post, strangers_key: rsa.RSAPrivateKey) -> None:
    oidc.op.twist.signing_key = strangers_key
    assert refusal() == "oidc.logout.signature"
    assert refusal({"jku": "https://evil.example.com"}) == "oidc.logout.token-header"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "….….…", b64(json.dumps({"alg": "RS256"}).encode()) + ".e30.AA"])
def test_rubbish_ends_nothing(oidc: OidcSignIn, token: str) -> None:
    with pytest.raises(GatewayError) as caught:
        oidc.provider.back_channel(token, oidc.now)
    assert caught.value.reason.startswith("oidc.logout.")


def test_a_token_that_is_too_large_is_not_read(refusal: Post) -> None:
    assert refusal(padding="x" * 16_384) == "oidc.logout.token-too-large"


def test_strangers_cannot_have_us_fetch_keys_over_and_over(oidc: OidcSignIn, refusal: Post) -> None:
    """One limiter for sign-ins and logout tokens."""
    oidc.arrives()
    for number in range(4):
        assert refusal({"kid": f"invented-{number}"}) == "oidc.logout.signature"
    oidc.op.twist.header["kid"] = "invented-too"
    assert oidc.again().refusal() == "oidc.signature"
    assert oidc.op.hits["/jwks"] == 2


def test_a_provider_that_is_away_is_not_a_refusal(begin_oidc: Begin, op: OidcForge) -> None:
    provider: OidcProvider = begin_oidc().provider
    op.twist.broken = {"/jwks": "500"}
    with pytest.raises(ProviderUnavailable):
        provider.back_channel(op.logout_token(), begin_oidc().now)
