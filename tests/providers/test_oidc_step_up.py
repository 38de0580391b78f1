"""Bob is asked for a second factor, or to sign in again; and his provider's answer must say that he did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.needs import Needs
from app.errors import SignInRefused
from app.providers.arrival import Asked
from tests.forges.oidc import LEAVE_OUT
from tests.providers.conftest import OidcSignIn

SILVER = "urn:mace:incommon:iap:silver"
MFA = Needs(mfa=True)
FRESH = Needs(max_age=timedelta(minutes=5))

Begin = Callable[..., OidcSignIn]


NOTHING = Needs()


def asking(sign_in: OidcSignIn, needs: Needs = NOTHING, login_hint: str = "") -> dict[str, str]:
    """Leave again, with more to ask; what the provider is asked."""
    sign_in.departure = sign_in.provider.depart("state-key", sign_in.now, Asked(needs, login_hint))
    return {name: values[0] for name, values in parse_qs(urlsplit(sign_in.departure.url).query).items()}


def refused(sign_in: OidcSignIn) -> SignInRefused:
    with pytest.raises(SignInRefused) as caught:
        sign_in.returns()
    return caught.value


def test_an_ordinary_sign_in_asks_for_nothing_more(oidc: OidcSignIn) -> None:
    assert not {"max_age", "prompt", "acr_values", "login_hint"} & asking(oidc).keys()


def test_a_fresh_sign_in_is_asked_for_and_believed_by_the_signed_time(oidc: OidcSignIn) -> None:
    asked = asking(oidc, FRESH)
    assert (asked["max_age"], asked["prompt"]) == ("300", "login")
    assert oidc.now - oidc.arrives().authenticated_at < timedelta(seconds=10)


def test_a_provider_that_ignores_max_age_is_noticed(oidc: OidcSignIn) -> None:
    asking(oidc, FRESH)
    oidc.op.twist.claims["auth_time"] = int(oidc.now.timestamp()) - 361
    no = refused(oidc)
    assert no.reason == "oidc.step-up-age"
    assert "Okta let you in with an older one" in no.sentence


def test_a_minute_between_the_clocks_is_forgiven(oidc: OidcSignIn) -> None:
    asking(oidc, FRESH)
    oidc.op.twist.claims["auth_time"] = int(oidc.now.timestamp()) - 355
    assert oidc.arrives().name == "bob"


def test_a_token_of_now_is_not_a_sign_in_of_now(oidc: OidcSignIn) -> None:
    """Core 3.1.2.1: with max_age the token must have auth_time; `iat` only says when the token was written."""
    asking(oidc, FRESH)
    oidc.op.twist.claims["auth_time"] = LEAVE_OUT
    no = refused(oidc)
    assert no.reason == "oidc.step-up-age"
    assert "“auth_time”" in no.sentence


def test_the_time_must_be_signed_and_userinfos_word_does_not_count(oidc: OidcSignIn) -> None:
    asking(oidc, FRESH)
    del oidc.op.person["groups"]
    oidc.op.twist.claims["auth_time"] = LEAVE_OUT
    oidc.op.userinfo_claims = {"groups": [], "auth_time": int(oidc.now.timestamp())}
    assert refused(oidc).reason == "oidc.step-up-age"


def test_max_age_taken_out_of_the_address_bar_is_still_asked_on_return(oidc: OidcSignIn) -> None:
    asking(oidc, FRESH)
    bare = oidc.departure.url.replace("&max_age=300", "").replace("&prompt=login", "")
    assert bare != oidc.departure.url
    oidc.departure = replace(oidc.departure, url=bare)
    oidc.op.twist.claims["auth_time"] = int(oidc.now.timestamp()) - 4000
    assert refused(oidc).reason == "oidc.step-up-age"


def test_a_second_factor_is_asked_for_by_name_and_the_same_name_comes_back(begin_oidc: Begin) -> None:
    oidc = begin_oidc(mfa_acr=(SILVER, "phr"), mfa_amr=())
    asked = asking(oidc, MFA)
    assert asked["acr_values"] == f"{SILVER} phr"
    assert "prompt" not in asked
    assert oidc.arrives().mfa is True


@pytest.mark.parametrize("context", ["0", SILVER.upper(), "", LEAVE_OUT])
def test_another_context_is_no_second_factor(begin_oidc: Begin, context: Any) -> None:
    oidc = begin_oidc(mfa_acr=(SILVER,))
    asking(oidc, MFA)
    oidc.op.twist.claims["acr"] = context
    no = refused(oidc)
    assert no.reason == "oidc.step-up-mfa"
    assert f"amr mfa, hwk or acr {SILVER} was expected" in no.sentence


@pytest.mark.parametrize("context", [7, [SILVER], {SILVER: 1}])
def test_a_context_of_another_type_is_refused(begin_oidc: Begin, context: Any) -> None:
    oidc = begin_oidc(mfa_acr=(SILVER,))
    oidc.op.twist.claims["acr"] = context
    assert refused(oidc).reason == "oidc.acr"


def test_where_it_has_no_name_the_person_signs_in_again_and_the_method_counts(oidc: OidcSignIn) -> None:
    asked = asking(oidc, MFA)
    assert asked["prompt"] == "login"
    assert "acr_values" not in asked
    assert refused(oidc).reason == "oidc.step-up-mfa"
    oidc.op.person["amr"] = ["pwd", "hwk"]
    asking(oidc, MFA)
    assert oidc.arrives().mfa is True


def test_the_second_factor_must_be_signed_too(oidc: OidcSignIn) -> None:
    del oidc.op.person["groups"]
    oidc.op.userinfo_claims = {"groups": [], "amr": ["hwk"]}
    asking(oidc, MFA)
    assert refused(oidc).reason == "oidc.step-up-mfa"


def test_both_are_asked_for_together(begin_oidc: Begin) -> None:
    oidc = begin_oidc(mfa_acr=(SILVER,))
    asked = asking(oidc, Needs(mfa=True, max_age=timedelta(0)))
    assert (asked["max_age"], asked["prompt"], asked["acr_values"]) == ("0", "login", SILVER)
    assert oidc.arrives().mfa is True
    asking(oidc, Needs(mfa=True, max_age=timedelta(0)))
    oidc.op.twist.claims["auth_time"] = int(oidc.now.timestamp()) - 90
    assert refused(oidc).reason == "oidc.step-up-age"


@pytest.mark.parametrize("seconds", ["", "-1", "5m", "9" * 12, "٣"])
def test_an_attempt_that_was_tampered_with_asks_for_no_less(oidc: OidcSignIn, seconds: str) -> None:
    kept = {**oidc.departure.kept, "max_age": seconds}
    oidc.departure = replace(oidc.departure, kept=kept)
    assert refused(oidc).reason == "oidc.attempt"


def test_a_provider_that_cannot_says_so(oidc: OidcSignIn) -> None:
    """RFC 9470, 5."""
    with pytest.raises(SignInRefused, match="mfa_acr") as caught:
        oidc.returns(error="unmet_authentication_requirements")
    assert caught.value.reason == "oidc.step-up-refused"


def test_who_it_probably_is_goes_along_as_a_hint(oidc: OidcSignIn) -> None:
    assert asking(oidc, login_hint="bob+aws@example.com&prompt=none")["login_hint"] == "bob+aws@example.com&prompt=none"
    assert "login_hint" not in asking(oidc, login_hint="b" * 300)


def test_the_providers_name_of_its_session_is_kept(oidc: OidcSignIn) -> None:
    assert oidc.arrives().sid == "provider-session-1"
    oidc.op.twist.claims["sid"] = LEAVE_OUT
    assert oidc.again().arrives().sid == ""


@pytest.mark.parametrize("sid", [7, "", ["a"], None, "a" * 300, "a\u200b"])
def test_a_session_name_of_another_kind_is_refused(oidc: OidcSignIn, sid: Any) -> None:
    oidc.op.twist.claims["sid"] = sid
    assert oidc.refusal() == "oidc.sid"
