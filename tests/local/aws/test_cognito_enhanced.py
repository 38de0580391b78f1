"""The enhanced flow: a good token of a provider that the pool knows, an hour of the pool's role, in its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.aws.bench import PRODUCTION, Bench, refusal, remaining, trust
from tests.local.aws.pools import COGNITO, HOST, OF_OUR_PROVIDER, Pool, new_pool

NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."
BROKEN = "Invalid identity pool configuration. Check assigned IAM roles for this pool."


@pytest.fixture
def pool(bench: Bench) -> Pool:
    """With one role for everybody."""
    made = new_pool(bench)
    made.roles(made.role("Reader"))
    return made


def test_alice_gets_an_hour_of_the_pools_role(pool: Pool) -> None:
    credentials = pool.credentials()
    assert pool.name(credentials) == "Reader/CognitoIdentityCredentials"
    assert 3_540 < remaining(credentials).total_seconds() <= 3_600
    assert pool.bench.client("s3", credentials).list_buckets()["Buckets"] == []


def test_who_logs_in_again_is_the_same_identity(pool: Pool) -> None:
    alice, again, bob = pool.identity(), pool.identity(), pool.identity(sub="bob-000002")
    assert alice == again
    assert alice != bob
    assert alice.startswith("eu-west-1:")


def test_bobs_token_opens_nothing_of_alices(pool: Pool) -> None:
    alice = pool.identity()
    call = pool.anybody.get_credentials_for_identity
    said = refusal(call, IdentityId=alice, Logins=pool.logins(sub="bob-000002"))
    assert (said.code, said.status, said.message) == ("NotAuthorizedException", 400, NO_MATCH)
    missing = refusal(call, IdentityId=alice[:-1] + ("0" if alice[-1] != "0" else "1"), Logins=pool.logins())
    assert missing.code == "ResourceNotFoundException"


def test_without_a_login_there_is_nothing(pool: Pool) -> None:
    said = refusal(pool.anybody.get_id, IdentityPoolId=pool.id)
    unwanted = "Unauthenticated access is not supported for this identity pool."
    assert (said.code, said.message) == ("NotAuthorizedException", unwanted)
    said = refusal(pool.anybody.get_credentials_for_identity, IdentityId=pool.identity())
    assert (said.code, said.message) == ("NotAuthorizedException", unwanted)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"exp": 1_000_000_000}, "Invalid login token. Token expired: "),
        ({"aud": "another-client"}, "Invalid login token. Incorrect token audience"),
        ({"iss": "https://id.other.test"}, "Invalid login token. Issuer"),
        ({"sub": None}, "Invalid login token. Missing a required claim: sub"),
    ],
)
def test_tokens_are_checked_as_sts_checks_them(pool: Pool, claims: dict[str, Any], sentence: str) -> None:
    said = refusal(pool.anybody.get_id, IdentityPoolId=pool.id, Logins=pool.logins(**claims))
    assert (said.code, said.status) == ("NotAuthorizedException", 400)
    assert said.message.startswith(sentence)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": "unknown"}])
def test_forged_tokens(pool: Pool, header: dict[str, str]) -> None:
    token = pool.bench.oidc.token(pool.bench.now(), header)
    said = refusal(pool.anybody.get_id, IdentityPoolId=pool.id, Logins={HOST: token})
    assert said.code == "NotAuthorizedException"


def test_a_provider_that_the_pool_does_not_know(pool: Pool) -> None:
    other = new_pool(pool.bench, OpenIdConnectProviderARNs=[])
    for provider in (HOST, "login.fedgate", "id.other.test"):
        said = refusal(pool.anybody.get_id, IdentityPoolId=other.id, Logins={provider: pool.logins()[HOST]})
        expected = "Token is not from a supported provider of this identity pool."
        assert (said.code, said.message) == ("NotAuthorizedException", expected)


def test_an_issuer_that_is_silent_is_an_external_failure(pool: Pool) -> None:
    pool.bench.oidc.answers = {"/issuer/jwks.json": 500}
    said = refusal(pool.anybody.get_id, IdentityPoolId=pool.id, Logins=pool.logins())
    assert said.code == "ExternalServiceException"


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {f"{COGNITO}:aud": "eu-west-1:00000000-0000-4000-8000-000000000000"}, **OF_OUR_PROVIDER},
        {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}},
        {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "id.other.test"}},
    ],
    ids=["another pool", "guests", "another provider"],
)
def test_a_role_that_does_not_trust_this_identity(pool: Pool, condition: dict[str, Any]) -> None:
    ours = {"StringEquals": {f"{COGNITO}:aud": pool.id}}
    pool.roles(pool.role("Narrow", **ours | condition))
    identity = pool.identity()
    said = refusal(pool.anybody.get_credentials_for_identity, IdentityId=identity, Logins=pool.logins())
    assert (said.code, said.message) == ("InvalidIdentityPoolConfigurationException", BROKEN)


def test_a_trust_policy_may_name_the_provider_and_the_identity(pool: Pool) -> None:
    ours = {f"{COGNITO}:aud": pool.id, f"{COGNITO}:sub": pool.identity()}
    by_provider = {"ForAnyValue:StringEquals": {f"{COGNITO}:amr": HOST}}
    pool.roles(pool.role("Personal", StringEquals=ours, **by_provider))
    assert pool.name(pool.credentials()).startswith("Personal/")
    with pytest.raises(Exception, match="InvalidIdentityPoolConfigurationException"):
        pool.credentials(sub="bob-000002")


def test_a_role_that_trusts_the_oidc_provider_itself_is_no_pools_role(pool: Pool) -> None:
    provider = {"Federated": f"arn:aws:iam::{PRODUCTION}:oidc-provider/{HOST}"}
    pool.roles(pool.bench.role("Direct", trust(provider, "sts:AssumeRoleWithWebIdentity")))
    said = refusal(pool.anybody.get_credentials_for_identity, IdentityId=pool.identity(), Logins=pool.logins())
    assert said.code == "InvalidIdentityPoolConfigurationException"


def test_a_pool_without_roles(bench: Bench) -> None:
    bare = new_pool(bench)
    said = refusal(bare.anybody.get_credentials_for_identity, IdentityId=bare.identity(), Logins=bare.logins())
    assert (said.code, said.message) == ("InvalidIdentityPoolConfigurationException", BROKEN)


def test_two_people_never_become_one(pool: Pool) -> None:
    backend = {"login.fedgate": "alice"}
    call = pool.admin.get_open_id_token_for_developer_identity
    by_backend = call(IdentityPoolId=pool.id, Logins=backend)["IdentityId"]
    by_token = pool.identity()
    assert by_backend != by_token
    said = refusal(call, IdentityPoolId=pool.id, Logins=backend | pool.logins())
    assert said.code == "ResourceConflictException"


def test_no_token_and_no_secret_reaches_the_call_log(pool: Pool) -> None:
    credentials = pool.credentials()
    text = str(pool.bench.aws.calls.entries())
    assert credentials["AccessKeyId"] in text
    assert not [secret for secret in (credentials["SecretKey"], credentials["SessionToken"]) if secret in text]
