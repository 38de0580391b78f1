"""Providers whose statements go on to AWS: addressed to AWS, still answers to us, kept only if the operator says so."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.audiences import AWS_SIGN_IN
from app.core.roles import Method, Partition
from tests.providers.conftest import OidcSignIn, SamlSignIn


def to_aws(saml: SamlSignIn, partition: Partition = Partition.AWS, **changes: Any) -> Any:
    """As a provider sends it whose administrator has set AWS's audience, recipient and destination."""
    service = AWS_SIGN_IN[partition]
    addressed = saml.draft(audience=service.audience, recipient=service.recipient, destination=service.recipient)
    return saml.signed(replace(addressed, **changes))


@pytest.mark.parametrize("partition", list(Partition))
def test_an_answer_addressed_to_aws_is_taken_and_kept_as_it_came(
    begin_saml: Callable[..., SamlSignIn], partition: Partition
) -> None:
    saml = begin_saml(passthrough=partition)
    document = to_aws(saml, partition)
    arrival = saml.post(document)
    assert arrival.identity.groups == {"aws-dev", "everyone"}
    assert arrival.proof is not None
    assert arrival.proof.method is Method.SAML
    assert base64.b64decode(arrival.proof.text) == base64.b64decode(saml.forge.encode(document))
    assert arrival.proof.expires_at <= saml.now + timedelta(minutes=5)
    assert arrival.proof.text not in repr(arrival)


def test_the_request_and_our_metadata_still_speak_of_us(begin_saml: Callable[..., SamlSignIn]) -> None:
    plain, passing = begin_saml(), begin_saml(passthrough=Partition.AWS)
    assert passing.provider.us == plain.provider.us
    assert passing.provider.metadata() == plain.provider.metadata()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"request_id": None}, "saml.in-response-to"),  # what the provider sends to AWS itself answers nobody
        ({"confirmed_request_id": None}, "saml.in-response-to"),
        ({"request_id": "_other", "confirmed_request_id": "_other"}, "saml.in-response-to"),
        ({"audience": "https://aws.example.com/signin/corp/metadata"}, "saml.audience"),
        ({"recipient": "https://aws.example.com/signin/corp/acs"}, "saml.subject-confirmation"),
        ({"destination": "https://aws.example.com/signin/corp/acs"}, "saml.destination"),
        ({"audience": AWS_SIGN_IN[Partition.CHINA].audience}, "saml.audience"),
    ],
)
def test_an_answer_for_aws_that_is_not_an_answer_to_us_is_refused(
    begin_saml: Callable[..., SamlSignIn], changes: dict[str, Any], reason: str
) -> None:
    saml = begin_saml(passthrough=Partition.AWS)
    assert saml.refusal(to_aws(saml, **changes)) == reason


def test_a_provider_that_passes_nothing_through_takes_nothing_for_aws_and_keeps_nothing(saml: SamlSignIn) -> None:
    assert saml.refusal(to_aws(saml)) == "saml.destination"
    assert saml.post(saml.signed()).proof is None


def test_an_id_token_is_kept_if_the_operator_says_so_and_for_as_long_as_it_lives(
    begin_oidc: Callable[..., OidcSignIn],
) -> None:
    assert begin_oidc().returns().proof is None
    passing = begin_oidc(passthrough=True)
    proof = passing.returns().proof
    assert proof is not None
    assert (proof.method, proof.text.count(".")) == (Method.WEB_IDENTITY, 2)
    assert passing.now < proof.expires_at < passing.now + timedelta(hours=25)
    assert proof.text not in repr(proof)
