"""GetFederationToken in full: a name, policies without which nothing works, tags, sizes, and root's hour."""

from __future__ import annotations

from typing import Any

import pytest

from app.local.aws.things import AccessKey
from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, document, refusal, remaining
from tests.local.aws.test_managed_policies import LISTS, made
from tests.local.aws.test_vectors_names import open_role, tag

MAY = {"Effect": "Allow", "Action": ["sts:GetFederationToken", "sts:TagSession"], "Resource": "*"}


def test_a_federated_user_may_what_both_the_user_and_the_policy_allow(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate", MAY, LISTS))
    wide = sts.get_federation_token(Name="alice", Policy=document(EVERYTHING))["Credentials"]
    s3 = bench.client("s3", wide)
    assert s3.list_buckets()["Buckets"] == []
    assert refusal(s3.create_bucket, Bucket="productionapp").code == "AccessDenied"
    narrow = sts.get_federation_token(Name="alice", Policy=document(LISTS | {"Action": "s3:GetObject"}))["Credentials"]
    assert refusal(bench.client("s3", narrow).list_buckets).code == "AccessDenied"


def test_policies_by_arn_are_of_the_users_account(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate", MAY, LISTS))
    own, theirs = made(bench, account=DEVELOPMENT), made(bench)
    taken = sts.get_federation_token(Name="alice", PolicyArns=[{"arn": own}])
    assert bench.client("s3", taken["Credentials"]).list_buckets()["Buckets"] == []
    said = refusal(sts.get_federation_token, Name="alice", PolicyArns=[{"arn": theirs}])
    assert said.code == "MalformedPolicyDocument"


def test_tags_need_a_permission_and_are_read_in_policies(bench: Bench) -> None:
    of_ops = LISTS | {"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "ops"}}}
    sts = bench.client("sts", bench.user("fedgate", MAY, of_ops))
    policy, tags = document(EVERYTHING), [tag("Team", "ops")]
    tagged = sts.get_federation_token(Name="alice", Policy=policy, Tags=tags)["Credentials"]
    plain = sts.get_federation_token(Name="alice", Policy=policy)["Credentials"]
    assert bench.client("s3", tagged).list_buckets()["Buckets"] == []
    assert refusal(bench.client("s3", plain).list_buckets).code == "AccessDenied"
    without = bench.client("sts", bench.user("narrow", MAY | {"Action": "sts:GetFederationToken"}))
    said = refusal(without.get_federation_token, Name="alice", Policy=policy, Tags=tags)
    assert "is not authorized to perform: sts:TagSession on resource: " in said.message


def test_a_user_who_may_not_federate(bench: Bench) -> None:
    said = refusal(bench.client("sts", bench.user("nobody")).get_federation_token, Name="alice")
    assert (said.code, said.status) == ("AccessDenied", 403)
    assert f"sts:GetFederationToken on resource: arn:aws:sts::{DEVELOPMENT}:federated-user/alice" in said.message


@pytest.mark.parametrize(
    "change",
    [{"Name": "a"}, {"Name": "a" * 33}, {"Name": "a b"}, {"DurationSeconds": 899}, {"DurationSeconds": 129_601}],
)
def test_names_and_durations_that_aws_refuses(bench: Bench, change: dict[str, Any]) -> None:
    said = refusal(bench.client("sts").get_federation_token, **{"Name": "alice"} | change)
    assert (said.code, said.status) == ("ValidationError", 400)


def test_a_user_has_thirty_six_hours_and_root_one(bench: Bench) -> None:
    sts = bench.client("sts")
    asked = sts.get_federation_token(Name="alice", DurationSeconds=129_600)["Credentials"]
    usual = sts.get_federation_token(Name="alice")["Credentials"]
    assert remaining(asked).total_seconds() > 129_540
    assert 43_140 < remaining(usual).total_seconds() <= 43_200
    key = AccessKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", PRODUCTION, "", bench.now())
    bench.aws.desk.world.keys[key.id] = key
    root = bench.client("sts", {"AccessKeyId": key.id, "SecretAccessKey": key.secret})
    for call in (root.get_federation_token, root.get_session_token):
        name = {"Name": "alice"} if call == root.get_federation_token else {}
        assert remaining(call(DurationSeconds=43_200, **name)["Credentials"]).total_seconds() <= 3_600


def test_the_packed_size_is_said_wherever_something_was_packed(bench: Bench) -> None:
    sts, role, saml, oidc = bench.client("sts"), open_role(bench), bench.saml_role(), bench.oidc_role()
    policy = document(LISTS)
    taken = [
        sts.get_federation_token(Name="alice", Policy=policy),
        sts.assume_role(RoleArn=role, RoleSessionName="alice", Policy=policy),
        bench.with_saml(saml, Policy=policy),
        bench.with_token(oidc, bench.oidc.token(bench.now()), Policy=policy),
    ]
    sizes = {reply["PackedPolicySize"] for reply in taken}
    assert len(sizes) == 1
    assert 0 < sizes.pop() < 50
    assert "PackedPolicySize" not in sts.get_federation_token(Name="alice")
    assert "PackedPolicySize" not in sts.get_session_token()


def test_a_token_can_be_too_large_though_the_packed_size_is_small(bench: Bench) -> None:
    bench.aws.turn(serialized_limit_bytes=150)
    sts, role = bench.client("sts"), open_role(bench)
    small = sts.assume_role(RoleArn=role, RoleSessionName="alice", Tags=[tag("Team", "a" * 100)])
    assert small["PackedPolicySize"] < 50
    given = {"RoleArn": role, "RoleSessionName": "alice", "Tags": [tag("Team", "a" * 150)]}
    said = refusal(sts.assume_role, **given)
    assert (said.code, said.status) == ("PackedPolicyTooLarge", 400)
    assert said.message == "Serialized token too large for session"
    federated = refusal(sts.get_federation_token, Name="alice", Tags=[tag("Team", "a" * 150)])
    assert federated == said
