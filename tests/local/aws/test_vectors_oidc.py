"""Vectors 14 to 18: ID tokens of the gateway, honest and otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.local.aws.bench import ISSUER, OIDC_PROVIDER, PRODUCTION, Bench, OidcIssuer, document, refusal, role_arn

INVALID = ("InvalidIdentityToken", 400)
NO_KEY = "Couldn't retrieve verification key from your identity provider"
ROLES, TAGS = "https://aws.amazon.com/roles", "https://aws.amazon.com/tags"
DAY = 86_400


def said(bench: Bench, role: str, token: str, **parameters: Any) -> Any:
    return refusal(lambda: bench.with_token(role, token, **parameters))


def kind(bench: Bench, role: str, token: str) -> tuple[str, int]:
    found = said(bench, role, token)
    return found.code, found.status


def test_an_honest_token_gives_credentials_and_says_what_it_read(bench: Bench) -> None:
    role = bench.oidc_role(Bool={"sts:RoleAuthorizedByIdp": "true"}, StringLike={"sts:SourceIdentity": "*"})
    claims = {ROLES: role, "https://aws.amazon.com/source_identity": "alice"}
    taken = bench.with_token(role, bench.oidc.token(bench.now(), **claims))
    assert taken["Provider"] == ISSUER
    assert taken["Audience"] == "sts.amazonaws.com"
    assert taken["SubjectFromWebIdentityToken"] == "alice-0001"
    assert taken["SourceIdentity"] == "alice"
    assert bench.client("sts", taken["Credentials"]).get_caller_identity()["Arn"].endswith("/ReadOnly/alice")


@pytest.mark.parametrize("header", [{"alg": "RS384"}, {"alg": "RS512"}, {"alg": "ES256", "kid": "e1"}])
def test_algorithms_that_aws_takes(bench: Bench, header: dict[str, str]) -> None:
    assert bench.with_token(bench.oidc_role(), bench.oidc.token(bench.now(), header))["Credentials"]


def test_vector_14_the_authorized_party_beats_the_audience(bench: Bench) -> None:
    role = bench.oidc_role()
    found = said(bench, role, bench.oidc.token(bench.now(), azp="another-client"))
    assert (found.code, found.status, found.message) == (*INVALID, "Incorrect token audience")
    open_role = bench.oidc_role("Gateway", StringEquals={"id.example.test:aud": "gateway"})
    assert bench.with_token(open_role, bench.oidc.token(bench.now(), azp="gateway"))["Audience"] == "gateway"


@pytest.mark.parametrize("aud", ["other", ["other"], None, []])
def test_another_audience(bench: Bench, aud: object) -> None:
    assert kind(bench, bench.oidc_role(), bench.oidc.token(bench.now(), aud=aud)) == INVALID


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "PS256"}, {"alg": "ES256"}])
def test_vector_15_algorithms_that_aws_refuses(bench: Bench, header: dict[str, str]) -> None:
    assert kind(bench, bench.oidc_role(), bench.oidc.token(bench.now(), header)) == INVALID


def test_vector_15_a_forged_signature(bench: Bench) -> None:
    forger = OidcIssuer(rsa_key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert kind(bench, bench.oidc_role(), forger.token(bench.now())) == INVALID


def test_vector_15_more_than_a_hundred_keys(bench: Bench) -> None:
    role, token = bench.oidc_role(), bench.oidc.token(bench.now())
    first = bench.oidc.jwks()["keys"][0]
    bench.oidc.answers["/issuer/jwks.json"] = {"keys": [first] + [first | {"kid": f"k{n}"} for n in range(99)]}
    assert bench.with_token(role, token)["Credentials"]
    bench.oidc.answers["/issuer/jwks.json"]["keys"].append(first | {"kid": "one-too-many"})
    assert said(bench, role, token).message.startswith(NO_KEY)


def test_vector_15_an_unknown_key_id(bench: Bench) -> None:
    found = said(bench, bench.oidc_role(), bench.oidc.token(bench.now(), {"kid": "r2"}))
    assert (found.code, found.status) == INVALID
    assert found.message.startswith(NO_KEY)


def test_vector_15_an_issuer_that_is_broken_or_silent(bench: Bench) -> None:
    role, token = bench.oidc_role(), bench.oidc.token(bench.now())
    for path in ("/issuer/jwks.json", "/.well-known/openid-configuration"):
        bench.oidc.answers = {path: 500}
        assert kind(bench, role, token) == ("IDPCommunicationError", 400)
        bench.oidc.answers = {path: 404}
        assert said(bench, role, token).message.startswith(NO_KEY)
    bench.oidc.answers, bench.oidc.delay_seconds = {}, 4
    assert kind(bench, role, token) == ("IDPCommunicationError", 400)


def test_discovery_must_name_the_same_issuer_and_keys_that_resolve(bench: Bench) -> None:
    role, token, path = bench.oidc_role(), bench.oidc.token(bench.now()), "/.well-known/openid-configuration"
    bench.oidc.answers[path] = {"issuer": ISSUER + "/", "jwks_uri": f"{ISSUER}/issuer/jwks.json"}
    assert said(bench, role, token).message.startswith(NO_KEY)
    bench.oidc.answers[path] = {"issuer": ISSUER, "jwks_uri": f"{bench.oidc.url}/issuer/jwks.json"}
    assert said(bench, role, token).message.startswith(NO_KEY)


def test_vector_16_times(bench: Bench) -> None:
    role, now = bench.oidc_role(), bench.now()
    today = int(now.timestamp())
    assert kind(bench, role, bench.oidc.token(now, iat=None)) == INVALID
    assert kind(bench, role, bench.oidc.token(now, exp=None)) == INVALID
    assert kind(bench, role, bench.oidc.token(now, exp=float(today) + 60.5)) == INVALID
    past = said(bench, role, bench.oidc.token(now, exp=today - 1))
    assert past.code == "ExpiredTokenException"
    assert past.message.startswith("Token expired: current date/time ")
    old = said(bench, role, bench.oidc.token(now, iat=today - 6 * DAY))
    assert old.code == "ExpiredTokenException"
    assert old.message.startswith("Token too old: 5184")


def test_vector_17_the_roles_claim(bench: Bench) -> None:
    role, now = bench.oidc_role(), bench.now()
    other = role_arn("Other")
    assert bench.with_token(role, bench.oidc.token(now, **{ROLES: [other, role]}))["Credentials"]
    for claim in (other, [other], f"arn:aws:iam::{PRODUCTION}:role/*", "*", []):
        found = said(bench, role, bench.oidc.token(now, **{ROLES: claim}))
        assert (found.code, found.status) == INVALID
        assert found.message == "The target role ARN is not present in the roles claim of the identity token"


def test_a_trust_that_asks_for_the_roles_claim_refuses_tokens_without_it(bench: Bench) -> None:
    role = bench.oidc_role(Bool={"sts:RoleAuthorizedByIdp": "true"})
    found = said(bench, role, bench.oidc.token(bench.now()))
    assert (found.code, found.status) == ("AccessDenied", 403)
    assert found.message == "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_vector_18_tags_nested_and_flattened(bench: Bench) -> None:
    role, now = bench.oidc_role(StringEquals={"aws:RequestTag/Team": "payments"}), bench.now()
    nested = {TAGS: {"principal_tags": {"Team": ["payments"]}, "transitive_tag_keys": ["Team"]}}
    flat = {f"{TAGS}/principal_tags/Team": "payments", f"{TAGS}/transitive_tag_keys": ["Team"]}
    for claims in (nested, flat):
        assert bench.with_token(role, bench.oidc.token(now, **claims))["PackedPolicySize"] > 0
    for value in ("payments", [], ["payments", "other"], [1]):
        claims = {TAGS: {"principal_tags": {"Team": value}}}
        assert kind(bench, role, bench.oidc.token(now, **claims)) == INVALID


@pytest.mark.parametrize("sub", ["short", "s" * 256, None, 123_456_789])
def test_subjects_of_a_wrong_length(bench: Bench, sub: object) -> None:
    assert kind(bench, bench.oidc_role(), bench.oidc.token(bench.now(), sub=sub)) == INVALID


def test_an_issuer_that_is_not_registered(bench: Bench) -> None:
    found = said(bench, bench.oidc_role(), bench.oidc.token(bench.now(), iss="https://evil.test"))
    assert (found.code, found.message) == (
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://evil.test",
    )
    assert kind(bench, bench.oidc_role("Two"), bench.oidc.token(bench.now(), iss=ISSUER + "/")) == INVALID


@pytest.mark.parametrize("token", ["not a token", "a.b.c", "....", "e30.e30.", "x" * 20_001])
def test_what_is_not_a_token(bench: Bench, token: str) -> None:
    found = said(bench, bench.oidc_role(), token)
    assert found.code in ("InvalidIdentityToken", "ValidationError")
    assert token not in found.message


def test_the_session_remembers_who_federated_it(bench: Bench) -> None:
    bench.oidc_role()
    may = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    wanted = {"StringEquals": {"aws:FederatedProvider": OIDC_PROVIDER, "id.example.test:sub": "alice-0001"}}
    policy = document(may | {"Condition": wanted})
    bench.client("iam").put_role_policy(RoleName="ReadOnly", PolicyName="own", PolicyDocument=policy)
    for sub, works in (("alice-0001", True), ("bob-000001", False)):
        token = bench.oidc.token(bench.now(), sub=sub)
        s3 = bench.client("s3", bench.with_token(role_arn("ReadOnly"), token)["Credentials"])
        assert s3.list_buckets() if works else refusal(s3.list_buckets).code == "AccessDenied"
