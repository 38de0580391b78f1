"""Developer-authenticated identities, and the classic flow that a pool must allow in so many words."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, Bench, document, refusal, remaining
from tests.local.aws.pools import BACKEND, COGNITO, Pool, new_pool

NOT_ENABLED = "Basic (classic) flow is not enabled, please use enhanced flow."
NOT_WITH_MAPPINGS = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."


@pytest.fixture
def pool(bench: Bench) -> Pool:
    made = new_pool(bench)
    made.roles(made.role("Reader"))
    return made


def vouched(pool: Pool, user: str = "alice", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = pool.admin.get_open_id_token_for_developer_identity(
        **{"IdentityPoolId": pool.id, "Logins": {BACKEND: user}} | more
    )
    return found


def redeemed(pool: Pool, made: dict[str, Any]) -> dict[str, Any]:
    found = pool.anybody.get_credentials_for_identity(IdentityId=made["IdentityId"], Logins={COGNITO: made["Token"]})
    keys = found["Credentials"]
    return {**keys, "SecretAccessKey": keys["SecretKey"]}


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def test_the_backend_vouches_for_alice(pool: Pool) -> None:
    made = vouched(pool)
    claims = claims_of(made["Token"])
    assert (claims["iss"], claims["aud"], claims["sub"]) == (f"https://{COGNITO}", pool.id, made["IdentityId"])
    assert claims["amr"] == ["authenticated", BACKEND]
    assert claims["exp"] - claims["iat"] == 900
    credentials = redeemed(pool, made)
    assert pool.name(credentials) == "Reader/CognitoIdentityCredentials"
    assert remaining(credentials).total_seconds() <= 3_600
    assert vouched(pool)["IdentityId"] == made["IdentityId"] != vouched(pool, "bob")["IdentityId"]


def test_a_trust_policy_may_ask_for_the_backend(pool: Pool) -> None:
    ours, by_backend = {f"{COGNITO}:aud": pool.id}, {"ForAnyValue:StringEquals": {f"{COGNITO}:amr": BACKEND}}
    pool.roles(pool.role("Vouched", StringEquals=ours, **by_backend))
    assert pool.name(redeemed(pool, vouched(pool))).startswith("Vouched/")
    with pytest.raises(Exception, match="InvalidIdentityPoolConfigurationException"):
        pool.credentials()


def test_tags_of_the_backend_become_session_tags(pool: Pool) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "sales"}}
    policy = document(EVERYTHING | {"Effect": "Deny", "Action": "s3:*", "Condition": condition})
    pool.bench.client("iam").put_role_policy(RoleName="Reader", PolicyName="sales", PolicyDocument=policy)
    sales, ops = (redeemed(pool, vouched(pool, PrincipalTags={"team": name})) for name in ("sales", "ops"))
    assert pool.bench.client("s3", ops).list_buckets()["Buckets"] == []
    assert refusal(pool.bench.client("s3", sales).list_buckets).code == "AccessDenied"
    pool.roles(pool.role("Tagless", "sts:AssumeRoleWithWebIdentity"))
    made = vouched(pool, PrincipalTags={"team": "ops"})
    given = {"IdentityId": made["IdentityId"], "Logins": {COGNITO: made["Token"]}}
    assert refusal(pool.anybody.get_credentials_for_identity, **given).code == (
        "InvalidIdentityPoolConfigurationException"
    )


def test_a_token_ends_and_is_one_identitys_and_one_pools(pool: Pool) -> None:
    made, call = vouched(pool, TokenDuration=60), pool.anybody.get_credentials_for_identity
    bob = vouched(pool, "bob")
    assert refusal(call, IdentityId=bob["IdentityId"], Logins={COGNITO: made["Token"]}).message.startswith("Logins")
    other = new_pool(pool.bench)
    theirs = vouched(other)
    assert "audience" in refusal(call, IdentityId=made["IdentityId"], Logins={COGNITO: theirs["Token"]}).message
    head, body, signature = made["Token"].split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert "signature" in refusal(call, IdentityId=made["IdentityId"], Logins={COGNITO: forged}).message
    pool.bench.aws.turn(clock_offset_seconds=61)
    assert "Token expired" in refusal(call, IdentityId=made["IdentityId"], Logins={COGNITO: made["Token"]}).message


def test_only_who_may_vouches(pool: Pool) -> None:
    given = {"IdentityPoolId": pool.id, "Logins": {BACKEND: "alice"}}
    call = "get_open_id_token_for_developer_identity"
    nobody = pool.bench.client("cognito-identity", pool.bench.user("nobody"))
    assert refusal(getattr(nobody, call), **given).code == "AccessDeniedException"
    stranger = pool.bench.operator(DEVELOPMENT, "cognito-identity")
    assert refusal(getattr(stranger, call), **given).code == "ResourceNotFoundException"
    assert refusal(getattr(pool.anybody, call), **given).code == "MissingAuthenticationTokenException"
    undeclared = given | {"Logins": {"login.other": "alice"}}
    assert refusal(getattr(pool.admin, call), **undeclared).code == "InvalidParameterException"
    assert refusal(getattr(pool.admin, call), **given, TokenDuration=86_401).code == "ValidationException"


def test_an_identifier_belongs_to_one_identity(pool: Pool) -> None:
    vouched(pool, "alice")
    bob = vouched(pool, "bob")["IdentityId"]
    call = pool.admin.get_open_id_token_for_developer_identity
    said = refusal(call, IdentityPoolId=pool.id, IdentityId=bob, Logins={BACKEND: "alice"})
    assert said.code == "DeveloperUserAlreadyRegisteredException"


def test_the_classic_flow_is_refused_unless_the_pool_allows_it(pool: Pool) -> None:
    said = refusal(pool.anybody.get_open_id_token, IdentityId=pool.identity(), Logins=pool.logins())
    assert (said.code, said.message) == ("InvalidParameterException", NOT_ENABLED)
    token = vouched(pool)["Token"]
    sts = pool.bench.unsigned().assume_role_with_web_identity
    role = pool.bench.client("iam").get_role(RoleName="Reader")["Role"]["Arn"]
    said = refusal(sts, RoleArn=role, RoleSessionName="alice", WebIdentityToken=token)
    assert (said.code, said.status) == ("AccessDenied", 403)


def test_the_classic_flow_where_it_is_allowed(bench: Bench) -> None:
    pool = new_pool(bench, AllowClassicFlow=True)
    role = pool.role("Reader")
    pool.roles(role)
    given = {"IdentityId": pool.identity(), "Logins": pool.logins()}
    token = pool.anybody.get_open_id_token(**given)["Token"]
    assert claims_of(token)["exp"] - claims_of(token)["iat"] == 600
    taken = bench.with_token(role, token, DurationSeconds=900)
    assert (taken["Provider"], taken["Audience"]) == (f"https://{COGNITO}", pool.id)
    assert pool.name(taken["Credentials"]) == "Reader/alice"
    pool.roles(role, Type="Token", AmbiguousRoleResolution="Deny")
    assert refusal(pool.anybody.get_open_id_token, **given).message == NOT_WITH_MAPPINGS
    late = {"RoleArn": role, "RoleSessionName": "alice", "WebIdentityToken": token}
    assert refusal(bench.unsigned().assume_role_with_web_identity, **late).code == "AccessDenied"
