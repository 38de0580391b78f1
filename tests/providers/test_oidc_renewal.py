"""What the provider says of Bob an hour later, without Bob. The ids are the suite's (`oidcc-client-test-` left out)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.core.roles import Method
from app.errors import GatewayError, GroupsUnknown, ProviderUnavailable, SignInRefused
from app.providers.arrival import Arrival, Renewal
from tests.forges.oidc import LEAVE_OUT, OidcForge
from tests.providers.conftest import OidcSignIn

Begin = Callable[..., OidcSignIn]


@dataclass
class Later:
    """Bob has signed in; what follows is between his provider and the gateway."""

    sign_in: OidcSignIn
    arrival: Arrival

    @property
    def op(self) -> OidcForge:
        return self.sign_in.op

    def renew(self, upstream: dict[str, str] | None = None) -> Renewal:
        before = self.arrival.upstream if upstream is None else upstream
        renewal = self.sign_in.provider.renew(before, self.arrival.identity, datetime.now(UTC))
        assert renewal is not None
        return renewal

    def refusal(self) -> str:
        with pytest.raises(GatewayError) as caught:
            self.renew()
        return caught.value.reason


@pytest.fixture
def begin(begin_oidc: Begin, op: OidcForge) -> Callable[..., Later]:
    def sign_in(**changes: Any) -> Later:
        op.offers_refresh = True
        began = begin_oidc(**changes)
        return Later(began, began.returns())

    return sign_in


@pytest.fixture
def later(begin: Callable[..., Later]) -> Later:
    return begin()


def test_refresh_token(later: Later) -> None:
    later.op.person["groups"] = ["aws-ops"]
    renewal = later.renew()
    assert renewal.identity.groups == {"aws-ops"}
    assert renewal.identity.person == later.arrival.identity.person
    assert renewal.proof is None
    assert renewal.identity.verified_at > later.arrival.identity.verified_at


def test_a_refresh_is_no_sign_in(later: Later) -> None:
    later.op.person["amr"] = ["hwk"]
    before, after = later.arrival.identity, later.renew().identity
    assert (after.authenticated_at, after.mfa, after.sid) == (before.authenticated_at, False, before.sid)


def test_each_refresh_token_is_used_once_and_the_next_one_kept(later: Later) -> None:
    first = later.renew()
    assert first.upstream["refresh_token"] != later.arrival.upstream["refresh_token"]
    assert first.upstream["id_token"] != later.arrival.upstream["id_token"]
    second = later.renew(dict(first.upstream))
    assert second.identity.groups == first.identity.groups
    assert later.refusal() == "oidc.refresh-over"  # the first one again


def test_a_provider_that_does_not_rotate_keeps_its_token(later: Later) -> None:
    later.op.twist.refresh_response["refresh_token"] = LEAVE_OUT
    assert later.renew().upstream["refresh_token"] == later.arrival.upstream["refresh_token"]


def test_without_a_refresh_token_there_is_nothing_to_ask(oidc: OidcSignIn) -> None:
    arrival = oidc.returns()
    assert "refresh_token" not in arrival.upstream
    assert oidc.provider.renew(arrival.upstream, arrival.identity, oidc.now) is None
    assert oidc.op.hits["/token"] == 1


@pytest.mark.parametrize("issuer", ["https://evil.example.com", LEAVE_OUT, ["x"]])
def test_refresh_token_invalid_issuer(later: Later, issuer: Any) -> None:
    later.op.twist.refresh_claims["iss"] = issuer
    assert later.refusal() == "oidc.issuer"
    assert later.op.hits["/userinfo"] == 0


def test_refresh_token_invalid_sub(later: Later) -> None:
    later.op.twist.refresh_claims["sub"] = "248289761002"
    assert later.refusal() == "oidc.refresh-subject"


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("sub", LEAVE_OUT, "oidc.subject"),
        ("aud", "another", "oidc.audience"),
        ("azp", "another", "oidc.authorized-party"),
        ("iat", LEAVE_OUT, "oidc.times"),
        ("iat", 1_500_000_000, "oidc.expired"),
        ("exp", 253_402_300_799, "oidc.validity-too-long"),  # the last second of the calendar
        ("nonce", "another", "oidc.nonce"),
        ("nonce", ["x"], "oidc.nonce"),
        ("auth_time", 1_500_000_000, "oidc.refresh-auth-time"),
        ("auth_time", "now", "oidc.times"),
        ("at_hash", "AAAA", "oidc.at-hash"),
        ("events", {}, "oidc.token-type"),
        ("groups", LEAVE_OUT, "oidc.groups-missing"),
        ("groups", "aws-dev", "oidc.groups-type"),
    ],
)
def test_a_refreshed_token_is_checked_like_the_first(later: Later, claim: str, value: Any, reason: str) -> None:
    later.op.twist.refresh_claims[claim] = value
    assert later.refusal() == reason


def test_too_many_groups_for_the_next_token_are_not_none(later: Later) -> None:
    later.op.twist.refresh_claims |= {"groups": LEAVE_OUT, "hasgroups": True}
    assert later.refusal() == "oidc.groups-overage"


def test_a_refreshed_token_need_not_repeat_nonce_and_time(later: Later) -> None:
    later.op.twist.refresh_claims |= {"nonce": LEAVE_OUT, "auth_time": LEAVE_OUT}
    assert later.renew().identity.authenticated_at == later.arrival.identity.authenticated_at


def test_a_person_who_confirmed_themselves_elsewhere_keeps_their_terminals(later: Later) -> None:
    later.op.twist.refresh_claims |= {"auth_time": int(datetime.now(UTC).timestamp()) + 30}
    assert later.renew().identity.authenticated_at == later.arrival.identity.authenticated_at


def test_a_refreshed_token_of_a_strangers_key(later: Later, strangers_key: rsa.RSAPrivateKey) -> None:
    later.op.twist.signing_key = strangers_key
    assert later.refusal() == "oidc.signature"


def test_without_an_id_token_userinfo_speaks_of_the_same_person(later: Later) -> None:
    later.op.twist.refresh_response["id_token"] = LEAVE_OUT
    later.op.userinfo_claims = {"groups": ["aws-ops"], "preferred_username": "bob"}
    renewal = later.renew()
    assert renewal.identity.groups == {"aws-ops"}
    assert renewal.upstream["id_token"] == later.arrival.upstream["id_token"]
    later.arrival = Arrival(renewal.identity, None, later.sign_in.now, upstream=renewal.upstream)
    later.op.twist.userinfo["sub"] = "248289761002"
    assert later.refusal() == "oidc.userinfo-subject"


def test_without_an_id_token_and_without_groups_nothing_is_assumed(later: Later) -> None:
    later.op.twist.refresh_response["id_token"] = LEAVE_OUT
    later.op.userinfo_claims = {"preferred_username": "bob"}
    with pytest.raises(GroupsUnknown):
        later.renew()


def test_an_id_token_that_is_null_is_none(later: Later) -> None:
    later.op.twist.refresh_response["id_token"] = None
    later.op.userinfo_claims = {"groups": [], "preferred_username": "bob"}
    assert later.renew().identity.groups == frozenset()
    assert later.refusal() == "oidc.refresh-over"


@pytest.mark.parametrize("token", ["", 7, [], "a.b.c"])
def test_an_id_token_that_is_something_else_is_not_passed_over(later: Later, token: Any) -> None:
    later.op.twist.refresh_response["id_token"] = token
    assert later.refusal() in ("oidc.token", "oidc.token-missing")


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "login_required", "consent_required"])
def test_a_grant_that_the_provider_ended_is_over(later: Later, error: str) -> None:
    later.op.twist.refresh_response |= {"error": error, "error_description": "Call 555-0100"}
    with pytest.raises(SignInRefused, match="sign in again") as caught:
        later.renew()
    assert caught.value.reason == "oidc.refresh-over"
    assert "555" not in caught.value.sentence


@pytest.mark.parametrize("error", ["invalid_client", "temporarily_unavailable", "unsupported_grant_type", "", ["x"]])
def test_a_mistake_between_the_provider_and_us_ends_nobodys_sign_in(later: Later, error: Any) -> None:
    later.op.twist.refresh_response["error"] = error
    with pytest.raises(ProviderUnavailable):
        later.renew()


@pytest.mark.parametrize("how", ["500", "redirect", "large", "rubbish", "429"])
def test_a_provider_that_breaks_off_half_way_ends_nobodys_sign_in(later: Later, how: str) -> None:
    """The token before is spent: without the next one, the time after would be refused."""
    later.op.twist.refresh_response["id_token"] = LEAVE_OUT
    later.op.twist.broken = {"/userinfo": how}
    renewal = later.renew()
    assert renewal.identity == later.arrival.identity  # and of its old age
    later.op.twist.broken, later.op.twist.refresh_response = {}, {}
    assert later.renew(dict(renewal.upstream)).identity.verified_at > later.arrival.identity.verified_at


@pytest.mark.parametrize("how", ["500", "redirect", "large", "rubbish", "429", "busy"])
def test_a_provider_that_is_away_ends_nobodys_sign_in(later: Later, how: str) -> None:
    later.op.twist.broken = {"/token": how}
    with pytest.raises(ProviderUnavailable) as caught:
        later.renew()
    assert later.arrival.upstream["refresh_token"] not in f"{caught.value!r} {caught.value.sentence}"


@pytest.mark.parametrize("token", [7, "a b\r\n", "x" * 20_000, ["x"]])
def test_a_refresh_token_that_is_none(later: Later, token: Any) -> None:
    later.op.twist.refresh_response["refresh_token"] = token
    assert later.refusal() == "oidc.token-response"


def test_the_next_proof_for_aws_comes_with_the_next_token(begin: Callable[..., Later]) -> None:
    later = begin(passthrough=True)
    proof = later.renew().proof
    assert proof is not None
    assert proof.method is Method.WEB_IDENTITY
    assert proof.text != later.arrival.upstream["id_token"]
    assert proof.expires_at - datetime.now(UTC) <= timedelta(seconds=300)


def test_what_is_kept_is_silent(later: Later) -> None:
    for kept in (later.arrival, later.renew()):
        assert kept.upstream["refresh_token"] not in repr(kept)
        assert kept.upstream["id_token"] not in repr(kept)
