"""Sign-ins that begin at the provider (X12): off unless the operator says otherwise, then as strict as the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.errors import SignInRefused
from app.providers.arrival import Arrival
from tests.providers.conftest import SamlSignIn

UNASKED: dict[str, Any] = {"request_id": None, "confirmed_request_id": None}


@pytest.fixture
def open_saml(begin_saml: Callable[..., SamlSignIn]) -> SamlSignIn:
    return begin_saml(idp_initiated=True)


def arrives(saml: SamlSignIn, **changes: Any) -> Arrival:
    field = saml.forge.encode(saml.signed(saml.draft(**{**UNASKED, **changes})))
    return saml.provider.arrive_unasked(field, saml.now)


def refusal(saml: SamlSignIn, **changes: Any) -> str:
    with pytest.raises(SignInRefused) as caught:
        arrives(saml, **changes)
    return caught.value.reason


def test_22_an_unasked_answer_is_refused_with_a_sentence_that_says_what_to_do(saml: SamlSignIn) -> None:
    with pytest.raises(SignInRefused, match="idp_initiated") as caught:
        arrives(saml)
    assert caught.value.reason == "saml.unasked"
    assert "sign in from this site" in caught.value.sentence


def test_allowed_it_names_the_person_and_can_be_used_once(open_saml: SamlSignIn) -> None:
    arrival = arrives(open_saml)
    assert arrival.identity.subject == "alice"
    assert arrival.used_once is not None
    assert arrival.used_once.startswith("corp:_a")
    assert arrival.used_until > open_saml.now


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"request_id": "_stolen"}, "saml.in-response-to"),
        ({"confirmed_request_id": "_stolen"}, "saml.in-response-to"),
        ({"request_id": "_stolen", "confirmed_request_id": "_stolen"}, "saml.in-response-to"),
        ({"request_id": ""}, "saml.structure"),
        ({"confirmed_request_id": ""}, "saml.structure"),
        ({"destination": None}, "saml.destination"),
        ({"destination": "https://aws.example.com/signin/other/acs"}, "saml.destination"),
        ({"recipient": None}, "saml.subject-confirmation"),
        ({"audience": None}, "saml.audience"),
        ({"issuer": "https://other.example.com"}, "saml.issuer"),
    ],
)
def test_it_may_answer_nobody_elses_request_and_must_be_meant_for_us(
    open_saml: SamlSignIn, changes: dict[str, Any], reason: str
) -> None:
    assert refusal(open_saml, **changes) == reason


def test_it_is_not_older_than_any_other(open_saml: SamlSignIn) -> None:
    long_ago = open_saml.now - timedelta(minutes=12)
    assert refusal(open_saml, issued=long_ago) == "saml.expired"


def test_an_answer_to_a_request_stays_one_where_unasked_ones_are_allowed(open_saml: SamlSignIn) -> None:
    """Otherwise a stolen answer could be posted as an unasked one, past the browser that asked."""
    with pytest.raises(SignInRefused) as caught:
        open_saml.provider.arrive_unasked(open_saml.forge.encode(open_saml.signed()), open_saml.now)
    assert caught.value.reason == "saml.in-response-to"
    assert open_saml.refusal_of(**UNASKED) == "saml.in-response-to"
