"""IAM: what an operator prepares, with AWS's limits and error codes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.aws.bench import (
    DEVELOPMENT,
    EVERYTHING,
    ISSUER,
    OIDC_PROVIDER,
    PRODUCTION,
    SAML_PROVIDER,
    Bench,
    document,
    refusal,
    trust,
)

TRUST = trust({"AWS": DEVELOPMENT}, "sts:AssumeRole")


def test_a_role_is_kept_as_it_was_made(bench: Bench) -> None:
    iam = bench.client("iam")
    made = iam.create_role(
        RoleName="Developer", Path="/team/", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7_200, Description="d"
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{PRODUCTION}:role/team/Developer"
    assert made["RoleId"].startswith("AROA")
    role = iam.get_role(RoleName="developer")["Role"]
    assert (role["MaxSessionDuration"], role["AssumeRolePolicyDocument"]) == (7_200, json.loads(TRUST))
    iam.update_role(RoleName="Developer", MaxSessionDuration=3_600)
    assert iam.get_role(RoleName="Developer")["Role"]["MaxSessionDuration"] == 3_600
    assert [entry["RoleName"] for entry in iam.list_roles()["Roles"]] == ["Developer"]


def test_a_session_of_a_role_with_a_path_has_an_arn_without_it(bench: Bench) -> None:
    policy = trust({"AWS": PRODUCTION}, "sts:AssumeRole")
    role = bench.role("Developer", policy, Path="/team/")
    taken = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="alice")
    assert taken["AssumedRoleUser"]["Arn"].endswith(":assumed-role/Developer/alice")


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"RoleName": "x" * 65}, "ValidationError", 400),
        ({"RoleName": "has space"}, "ValidationError", 400),
        ({"MaxSessionDuration": 3_599}, "ValidationError", 400),
        ({"MaxSessionDuration": 43_201}, "ValidationError", 400),
        ({"Path": "team"}, "ValidationError", 400),
        ({"AssumeRolePolicyDocument": "{"}, "MalformedPolicyDocument", 400),
        ({"AssumeRolePolicyDocument": document(EVERYTHING)}, "MalformedPolicyDocument", 400),
        ({"AssumeRolePolicyDocument": trust({"AWS": "x" * 3}, "sts:AssumeRole")}, "MalformedPolicyDocument", 400),
        ({"AssumeRolePolicyDocument": trust({"Federated": "*"}, "sts:AssumeRole")}, "MalformedPolicyDocument", 400),
        ({"AssumeRolePolicyDocument": trust({"AWS": DEVELOPMENT}, "s3:GetObject")}, "MalformedPolicyDocument", 400),
        (
            {"AssumeRolePolicyDocument": trust({"AWS": f"arn:aws:iam::{DEVELOPMENT}:user/nobody"}, "sts:AssumeRole")},
            "MalformedPolicyDocument",
            400,
        ),
        (
            {"AssumeRolePolicyDocument": trust({"AWS": DEVELOPMENT}, "sts:AssumeRole", StringLikes={"a:b": "c"})},
            "MalformedPolicyDocument",
            400,
        ),
        (
            {"AssumeRolePolicyDocument": trust({"AWS": DEVELOPMENT}, "sts:AssumeRole", StringLike={"a:b": "c" * 2048})},
            "LimitExceeded",
            409,
        ),
    ],
)
def test_roles_that_iam_refuses(bench: Bench, change: dict[str, Any], code: str, status: int) -> None:
    parameters = {"RoleName": "Developer", "AssumeRolePolicyDocument": TRUST} | change
    said = refusal(bench.client("iam").create_role, **parameters)
    assert (said.code, said.status) == (code, status)


def test_blanks_do_not_count_towards_the_size_of_a_policy(bench: Bench) -> None:
    spacious = json.dumps(json.loads(TRUST), indent=200)
    assert len(spacious) > 2_048
    assert bench.client("iam").create_role(RoleName="Developer", AssumeRolePolicyDocument=spacious)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"Version":"2012-10-17"}',
        '{"Version":"2020-01-01","Statement":[]}',
        '{"Statement":[],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        document({"Effect": "allow", "Action": "*", "Resource": "*"}),
        document({"Effect": "Allow", "Action": "*"}),
        document({"Effect": "Allow", "Resource": "*"}),
        document(EVERYTHING | {"Principal": "*"}),
        document(EVERYTHING | {"Extra": 1}),
        document(EVERYTHING | {"Action": "GetObject"}),
        document(EVERYTHING | {"Resource": "bucket"}),
        document(EVERYTHING | {"NotAction": "s3:*"}),
        document(EVERYTHING | {"Condition": {"StringEquals": {"nokey": "x"}}}),
        document(EVERYTHING | {"Condition": []}),
    ],
)
def test_policies_that_iam_refuses(bench: Bench, text: str) -> None:
    bench.role("Developer", TRUST)
    said = refusal(bench.client("iam").put_role_policy, RoleName="Developer", PolicyName="p", PolicyDocument=text)
    assert said.code in ("MalformedPolicyDocument", "ValidationError")
    assert said.status == 400


def test_inline_policies_have_a_size_together(bench: Bench) -> None:
    bench.role("Developer", TRUST)
    iam, big = bench.client("iam"), document(EVERYTHING | {"Sid": "x" * 6_000})
    iam.put_role_policy(RoleName="Developer", PolicyName="one", PolicyDocument=big)
    said = refusal(iam.put_role_policy, RoleName="Developer", PolicyName="two", PolicyDocument=big)
    assert (said.code, said.status) == ("LimitExceeded", 409)
    assert iam.list_role_policies(RoleName="Developer")["PolicyNames"] == ["one"]
    assert refusal(iam.delete_role, RoleName="Developer").code == "DeleteConflict"
    iam.delete_role_policy(RoleName="Developer", PolicyName="one")
    iam.delete_role(RoleName="Developer")
    said = refusal(iam.get_role, RoleName="Developer")
    assert (said.code, said.status) == ("NoSuchEntity", 404)


def test_saml_providers(bench: Bench) -> None:
    iam, metadata = bench.client("iam"), bench.saml.metadata()
    assert iam.get_saml_provider(SAMLProviderArn=SAML_PROVIDER)["SAMLMetadataDocument"] == metadata
    assert [entry["Arn"] for entry in iam.list_saml_providers()["SAMLProviderList"]] == [SAML_PROVIDER]
    said = refusal(iam.create_saml_provider, Name="fedgate", SAMLMetadataDocument=metadata)
    assert (said.code, said.status) == ("EntityAlreadyExists", 409)
    short = refusal(iam.create_saml_provider, Name="two", SAMLMetadataDocument="<x/>")
    assert short.code == "ValidationError"
    for rubbish in ("x" * 2_000, "<x>" + "y" * 2_000 + "</x>", bench.saml.metadata(certificates=()) + " " * 2_000):
        said = refusal(iam.create_saml_provider, Name="two", SAMLMetadataDocument=rubbish)
        assert (said.code, said.message) == ("InvalidInput", "Could not parse metadata")


@pytest.mark.parametrize(
    "url",
    ["http://id.example.test", "https://id.example.test:8443", "https://id.example.test?x=1", "https://local", "id"],
)
def test_oidc_urls_that_iam_refuses(bench: Bench, url: str) -> None:
    said = refusal(bench.client("iam").create_open_id_connect_provider, Url=url, ClientIDList=["x"])
    assert (said.code, said.status) == ("InvalidInput", 400)


def test_oidc_providers(bench: Bench) -> None:
    iam = bench.client("iam")
    assert refusal(iam.create_open_id_connect_provider, Url=ISSUER).code == "EntityAlreadyExists"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_PROVIDER, ClientID="third")
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_PROVIDER)
    assert (found["Url"], found["ClientIDList"]) == ("id.example.test", ["sts.amazonaws.com", "gateway", "third"])
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_PROVIDER)
    assert refusal(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=OIDC_PROVIDER).code == "NoSuchEntity"


def test_a_user_with_two_keys_gets_no_third(bench: Bench) -> None:
    bench.user("fedgate")
    iam = bench.operator(DEVELOPMENT, "iam")
    second = iam.create_access_key(UserName="fedgate")["AccessKey"]
    assert refusal(iam.create_access_key, UserName="fedgate").code == "LimitExceeded"
    iam.delete_access_key(UserName="fedgate", AccessKeyId=second["AccessKeyId"])
    said = refusal(bench.client("sts", second).get_caller_identity)
    assert (said.code, said.status) == ("InvalidClientTokenId", 403)


def test_iam_asks_for_permission_too(bench: Bench) -> None:
    credentials = bench.user("fedgate")
    said = refusal(bench.client("iam", credentials).create_user, UserName="mallory")
    assert (said.code, said.status) == ("AccessDenied", 403)
    assert said.message.startswith(
        f"User: arn:aws:iam::{DEVELOPMENT}:user/fedgate is not authorized to perform: iam:CreateUser on resource: "
    )


def test_session_tokens_without_mfa_do_not_open_iam(bench: Bench) -> None:
    sts = bench.client("sts")
    for credentials in (sts.get_session_token()["Credentials"], sts.get_federation_token(Name="alice")["Credentials"]):
        assert refusal(bench.client("iam", credentials).list_roles).code == "InvalidClientTokenId"


def test_a_limit_that_is_not_offered_is_refused_and_not_ignored(bench: Bench) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam = bench.client("iam")
    said = refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    assert said.code == "InvalidInput"
