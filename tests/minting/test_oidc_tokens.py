"""Tokens for AssumeRoleWithWebIdentity, read as AWS reads them: from the published key set."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from app.minting.keys import SigningKeys
from app.minting.oidc_tokens import discovery, mint_token
from tests.core.people import NOW
from tests.minting.conftest import ISSUER, ROLE, claims


def published(keys: SigningKeys) -> KeySet:
    """Through text, as AWS fetches it."""
    return KeySet.import_key_set(json.loads(json.dumps(keys.jwks())))


def test_aws_can_verify_the_token_with_what_is_published_and_reads_one_role(keys: SigningKeys) -> None:
    token = jwt.decode(mint_token(claims(Team="payments"), ISSUER, keys, NOW), published(keys), algorithms=["RS256"])
    found = dict(token.claims)
    assert len(found.pop("jti")) >= 20
    assert found == {
        "iss": ISSUER,
        "aud": "sts.amazonaws.com",
        "sub": claims().subject,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        "https://aws.amazon.com/roles": [ROLE],
        "https://aws.amazon.com/source_identity": claims().source_identity,
        "https://aws.amazon.com/tags": {
            "principal_tags": {"Team": ["payments"]},  # each value a list of one, or STS refuses it
            "transitive_tag_keys": ["Team"],
        },
    }
    assert token.header == {"alg": "RS256", "typ": "JWT", "kid": keys.newest.jwk.kid}


def test_without_tags_there_is_no_tags_claim_and_no_two_tokens_are_the_same(keys: SigningKeys) -> None:
    one, other = (mint_token(claims(), ISSUER, keys, NOW) for _ in range(2))
    assert one != other
    assert "https://aws.amazon.com/tags" not in jwt.decode(one, published(keys), algorithms=["RS256"]).claims


def test_the_largest_tags_still_fit_into_what_sts_takes(keys: SigningKeys) -> None:
    few = {f"key{n}": "v" * 256 for n in range(20)}
    assert len(mint_token(claims(**few), ISSUER, keys, NOW)) < 20_000


def test_the_token_says_nothing_that_names_alice_but_the_source_identity(keys: SigningKeys) -> None:
    found = jwt.decode(mint_token(claims(), ISSUER, keys, NOW), published(keys), algorithms=["RS256"]).claims
    found.pop("https://aws.amazon.com/source_identity")
    assert "alice" not in json.dumps(found)


def test_a_token_changed_on_the_way_is_worth_nothing(keys: SigningKeys) -> None:
    header, body, signature = mint_token(claims(), ISSUER, keys, NOW).split(".")
    _, other_body, _ = mint_token(claims(Team="admins"), ISSUER, keys, NOW).split(".")
    with pytest.raises(BadSignatureError):
        jwt.decode(f"{header}.{other_body}.{signature}", published(keys), algorithms=["RS256"])
    assert body != other_body


def test_the_key_set_holds_every_key_and_no_private_part(keys: SigningKeys) -> None:
    found = keys.jwks()["keys"]
    assert [key["kid"] for key in found] == [key.jwk.kid for key in keys.keys]
    assert len({key["kid"] for key in found}) == 2
    for key in found:
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & key.keys()


def test_the_discovery_document_has_all_that_iam_asks_for() -> None:
    found = discovery(ISSUER)
    assert found["issuer"] == ISSUER
    assert found["jwks_uri"] == f"{ISSUER}/issuer/jwks.json"
    assert found["response_types_supported"] == ["id_token"]
    assert found["subject_types_supported"] == ["public"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert {"iss", "aud", "sub", "exp", "iat"} <= set(found["claims_supported"])  # type: ignore[call-overload]
