"""Identity pools as an operator makes them: what is kept, what is refused, and who may do it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.local.aws.bench import DEVELOPMENT, OIDC_PROVIDER, PRODUCTION, Bench, refusal, trust
from tests.local.aws.pools import BACKEND, COGNITO, HOST, new_pool

AMBIGUOUS = {"AmbiguousRoleResolution": "Deny"}


def test_a_pool_is_kept_as_it_was_made(bench: Bench) -> None:
    pool = new_pool(bench, IdentityPoolTags={"team": "platform"})
    assert pool.id.startswith("eu-west-1:")
    found = pool.admin.describe_identity_pool(IdentityPoolId=pool.id)
    assert (found["IdentityPoolName"], found["DeveloperProviderName"]) == ("fedgate", BACKEND)
    assert found["OpenIdConnectProviderARNs"] == [OIDC_PROVIDER]
    assert (found["AllowUnauthenticatedIdentities"], found["AllowClassicFlow"]) == (False, False)
    assert found["IdentityPoolTags"] == {"team": "platform"}
    role = pool.role("Reader")
    rule = {"Claim": "groups", "MatchType": "Contains", "Value": "admins", "RoleARN": role}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    pool.roles(role, **mapping)
    roles = pool.admin.get_identity_pool_roles(IdentityPoolId=pool.id)
    assert (roles["Roles"], roles["RoleMappings"]) == ({"authenticated": role}, {HOST: mapping})
    pool.admin.delete_identity_pool(IdentityPoolId=pool.id)
    said = refusal(pool.admin.describe_identity_pool, IdentityPoolId=pool.id)
    assert (said.code, said.message) == ("ResourceNotFoundException", f"IdentityPool '{pool.id}' not found.")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"AllowUnauthenticatedIdentities": True}, "InvalidParameterException"),
        ({"SupportedLoginProviders": {"accounts.google.com": "1"}}, "InvalidParameterException"),
        ({"OpenIdConnectProviderARNs": [OIDC_PROVIDER + "x"]}, "InvalidParameterException"),
        ({"OpenIdConnectProviderARNs": ["short"]}, "ValidationException"),
        ({"IdentityPoolName": "semi;colon"}, "ValidationException"),
        ({"IdentityPoolName": None}, "ValidationException"),
        ({"DeveloperProviderName": "a b"}, "ValidationException"),
        ({"AllowClassicFlow": "yes"}, "SerializationException"),
    ],
)
def test_pools_that_cognito_refuses(bench: Bench, change: dict[str, Any], code: str) -> None:
    given = {"IdentityPoolName": "fedgate", "AllowUnauthenticatedIdentities": False} | change
    said = refusal(bench.client("cognito-identity").create_identity_pool, **given)
    assert (said.code, said.status) == (code, 400)


@pytest.mark.parametrize(
    "mapping",
    [
        {"Type": "Token"},
        {"Type": "Rules", **AMBIGUOUS},
        {"Type": "Token", **AMBIGUOUS, "RulesConfiguration": {"Rules": [{}]}},
        {"Type": "Other", **AMBIGUOUS},
    ],
)
def test_role_mappings_that_cognito_refuses(bench: Bench, mapping: dict[str, Any]) -> None:
    pool = new_pool(bench)
    role = pool.role("Reader")
    for rule in mapping.get("RulesConfiguration", {}).get("Rules", []):
        rule |= {"Claim": "groups", "MatchType": "Equals", "Value": "x", "RoleARN": role}
    said = refusal(
        pool.admin.set_identity_pool_roles,
        IdentityPoolId=pool.id,
        Roles={"authenticated": role},
        RoleMappings={HOST: mapping},
    )
    assert said.code in ("InvalidParameterException", "ValidationException")


def test_a_mapping_for_a_provider_that_is_not_the_pools(bench: Bench) -> None:
    pool = new_pool(bench)
    role, mapping = pool.role("Reader"), {"Type": "Token", **AMBIGUOUS}
    given = {"IdentityPoolId": pool.id, "Roles": {"authenticated": role}}
    said = refusal(pool.admin.set_identity_pool_roles, **given, RoleMappings={"id.other.test": mapping})
    assert said.code == "InvalidParameterException"


def test_a_role_is_passed_only_by_who_may(bench: Bench) -> None:
    pool = new_pool(bench)
    role = pool.role("Reader")
    set_roles = {"Effect": "Allow", "Action": "cognito-identity:*", "Resource": "*"}
    key = bench.user("petra", set_roles, account=PRODUCTION)
    given = {"IdentityPoolId": pool.id, "Roles": {"authenticated": role}}
    said = refusal(bench.client("cognito-identity", key).set_identity_pool_roles, **given)
    assert (said.code, said.message) == ("NotAuthorizedException", f"Access to Role '{role}' is forbidden.")
    nobody = refusal(bench.client("cognito-identity", bench.user("nobody")).set_identity_pool_roles, **given)
    assert (nobody.code, nobody.status) == ("AccessDeniedException", 400)
    missing = given | {"Roles": {"authenticated": role + "x"}}
    assert refusal(pool.admin.set_identity_pool_roles, **missing).code == "NotAuthorizedException"


def test_a_pool_is_one_accounts_and_one_regions(bench: Bench) -> None:
    pool = new_pool(bench)
    there = bench.client("cognito-identity", region="us-east-1")
    stranger = bench.operator(DEVELOPMENT, "cognito-identity")
    for client in (there, stranger):
        assert refusal(client.describe_identity_pool, IdentityPoolId=pool.id).code == "ResourceNotFoundException"
    elsewhere = bench.unsigned("cognito-identity", bench.aws.regional("us-east-1"))
    said = refusal(elsewhere.get_id, IdentityPoolId=pool.id, Logins=pool.logins())
    assert said.code == "ResourceNotFoundException"
    here = bench.unsigned("cognito-identity", bench.aws.regional("eu-west-1"))
    assert here.get_id(IdentityPoolId=pool.id, Logins=pool.logins())["IdentityId"].startswith("eu-west-1:")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {f"{COGNITO}:aud": "*"}},
        {"StringEqualsIfExists": {f"{COGNITO}:aud": "eu-west-1:1"}},
        {"ForAllValues:StringEquals": {f"{COGNITO}:aud": "eu-west-1:1"}},
        {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}},
    ],
)
def test_a_role_that_trusts_all_pools_of_the_world_is_not_made(bench: Bench, condition: Any) -> None:
    policy = trust({"Federated": COGNITO}, "sts:AssumeRoleWithWebIdentity", **condition)
    said = refusal(bench.client("iam").create_role, RoleName="Open", AssumeRolePolicyDocument=policy)
    assert said.code == "MalformedPolicyDocument"


def test_signatures_count_here_too(bench: Bench) -> None:
    pool = new_pool(bench)
    operator = bench.aws.operator(PRODUCTION)
    wrong = {"AccessKeyId": operator["aws_access_key_id"], "SecretAccessKey": "wrong"}
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wrong"}
    for key, code in ((wrong, "InvalidSignatureException"), (unknown, "UnrecognizedClientException")):
        said = refusal(bench.client("cognito-identity", key).describe_identity_pool, IdentityPoolId=pool.id)
        assert (said.code, said.status) == (code, 400)
    said = refusal(pool.anybody.describe_identity_pool, IdentityPoolId=pool.id)
    assert said.code == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("target", "body", "kind"),
    [
        ("GetId", b"{", "SerializationException"),
        ("GetId", b"[]", "SerializationException"),
        ("GetId", b'{"IdentityPoolId": 7}', "SerializationException"),
        ("GetId", b"{}", "ValidationException"),
        ("Get", b"{}", "MissingAuthenticationTokenException"),
    ],
)
def test_rubbish_is_refused_in_json(bench: Bench, target: str, body: bytes, kind: str) -> None:
    headers = {"X-Amz-Target": f"AWSCognitoIdentityService.{target}", "Content-Type": "application/x-amz-json-1.1"}
    answer = requests.post(bench.aws.url, data=body, headers=headers, timeout=60)
    assert (answer.status_code, json.loads(answer.text)["__type"]) == (400, kind)
