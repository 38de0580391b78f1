"""Customer managed policies: made, attached, passed with a session, and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.aws.bench import (
    DEVELOPMENT,
    EVERYTHING,
    PRODUCTION,
    Bench,
    document,
    refusal,
    role_arn,
    trust,
)
from tests.local.aws.test_vectors_names import open_role, tag

TRUST = trust({"AWS": PRODUCTION}, "sts:AssumeRole")
LISTS = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def made(bench: Bench, name: str = "Lists", *statements: Any, account: str = PRODUCTION) -> str:
    text = document(*(statements or (LISTS,)))
    policy = bench.operator(account, "iam").create_policy(PolicyName=name, PolicyDocument=text)["Policy"]
    return str(policy["Arn"])


def session(bench: Bench, role: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="alice", **more)[
        "Credentials"
    ]
    return found


def test_a_policy_is_kept_as_it_was_made(bench: Bench) -> None:
    iam, arn = bench.client("iam"), made(bench)
    assert arn == f"arn:aws:iam::{PRODUCTION}:policy/Lists"
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["DefaultVersionId"], found["AttachmentCount"], found["IsAttachable"]) == ("v1", 0, True)
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(document(LISTS)), True)
    assert refusal(iam.get_policy_version, PolicyArn=arn, VersionId="v2").code == "NoSuchEntity"
    assert [entry["Arn"] for entry in iam.list_policies(Scope="Local")["Policies"]] == [arn]
    said = refusal(iam.create_policy, PolicyName="lists", PolicyDocument=document(LISTS))
    assert (said.code, said.status) == ("EntityAlreadyExists", 409)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (document(EVERYTHING | {"Principal": "*"}), "MalformedPolicyDocument"),
        ("{}", "MalformedPolicyDocument"),
        (document(EVERYTHING | {"Sid": "x" * 6_144}), "LimitExceeded"),
    ],
)
def test_policies_that_iam_refuses(bench: Bench, text: str, code: str) -> None:
    assert refusal(bench.client("iam").create_policy, PolicyName="p", PolicyDocument=text).code == code


def test_an_attached_policy_holds_until_it_is_detached(bench: Bench) -> None:
    iam, role, policy = bench.client("iam"), bench.role("Reader", TRUST), made(bench)
    s3 = bench.client("s3", session(bench, role))
    assert refusal(s3.list_buckets).code == "AccessDenied"
    iam.attach_role_policy(RoleName="Reader", PolicyArn=policy)
    iam.attach_role_policy(RoleName="Reader", PolicyArn=policy)
    assert s3.list_buckets()["Buckets"] == []
    attached = iam.list_attached_role_policies(RoleName="Reader")["AttachedPolicies"]
    assert attached == [{"PolicyName": "Lists", "PolicyArn": policy}]
    assert iam.list_role_policies(RoleName="Reader")["PolicyNames"] == []
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    assert refusal(iam.delete_policy, PolicyArn=policy).code == "DeleteConflict"
    assert refusal(iam.delete_role, RoleName="Reader").code == "DeleteConflict"
    iam.detach_role_policy(RoleName="Reader", PolicyArn=policy)
    assert refusal(s3.list_buckets).code == "AccessDenied"
    assert refusal(iam.detach_role_policy, RoleName="Reader", PolicyArn=policy).code == "NoSuchEntity"
    iam.delete_policy(PolicyArn=policy)
    iam.delete_role(RoleName="Reader")


def test_an_attachment_takes_a_while_like_every_change(bench: Bench) -> None:
    role, policy = bench.role("Reader", TRUST), made(bench)
    bench.aws.turn(propagation_seconds=60)
    s3 = bench.client("s3", session(bench, role))
    bench.client("iam").attach_role_policy(RoleName="Reader", PolicyArn=policy)
    assert refusal(s3.list_buckets).code == "AccessDenied"
    bench.aws.turn(clock_offset_seconds=61)
    assert s3.list_buckets()["Buckets"] == []


def test_a_deny_in_an_attached_policy_wins(bench: Bench) -> None:
    role = bench.role("Reader", TRUST, EVERYTHING)
    policy = made(bench, "Stop", EVERYTHING | {"Effect": "Deny"})
    bench.client("iam").attach_role_policy(RoleName="Reader", PolicyArn=policy)
    assert "explicit deny" in refusal(bench.client("s3", session(bench, role)).list_buckets).message


def test_users_have_attached_policies_too(bench: Bench) -> None:
    key, iam = bench.user("dana"), bench.operator(DEVELOPMENT, "iam")
    iam.attach_user_policy(UserName="dana", PolicyArn=READ_ONLY)
    assert bench.client("iam", key).list_roles()["Roles"] == []
    assert [p["PolicyName"] for p in iam.list_attached_user_policies(UserName="dana")["AttachedPolicies"]] == [
        "ReadOnlyAccess"
    ]
    iam.detach_user_policy(UserName="dana", PolicyArn=READ_ONLY)
    assert refusal(bench.client("iam", key).list_roles).code == "AccessDenied"


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{PRODUCTION}:policy/Missing",
        f"arn:aws:iam::{DEVELOPMENT}:policy/Lists",
        "arn:aws:iam::aws:policy/NobodyKnowsThis",
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
        f"arn:aws:iam::{PRODUCTION}:role/Reader",
    ],
)
def test_policies_that_are_not_there_for_this_account(bench: Bench, arn: str) -> None:
    bench.role("Reader", TRUST, EVERYTHING)
    made(bench, account=DEVELOPMENT)
    said = refusal(bench.client("iam").attach_role_policy, RoleName="Reader", PolicyArn=arn)
    assert said.code in ("NoSuchEntity", "InvalidInput")
    sts = bench.client("sts")
    passed = refusal(sts.assume_role, RoleArn=role_arn("Reader"), RoleSessionName="alice", PolicyArns=[{"arn": arn}])
    assert passed.code == "MalformedPolicyDocument"


def test_a_session_policy_by_arn_is_one_of_the_roles_account(bench: Bench) -> None:
    role, policy = open_role(bench), made(bench)
    narrow = session(bench, role, PolicyArns=[{"arn": policy}])
    assert bench.client("s3", narrow).list_buckets()["Buckets"] == []
    assert refusal(bench.client("s3", narrow).create_bucket, Bucket="productionapp").code == "AccessDenied"
    theirs = bench.operator(DEVELOPMENT, "sts").assume_role
    assert theirs(RoleArn=role, RoleSessionName="dana", PolicyArns=[{"arn": policy}])
    own = made(bench, "Own", account=DEVELOPMENT)
    said = refusal(theirs, RoleArn=role, RoleSessionName="dana", PolicyArns=[{"arn": own}])
    assert said.code == "MalformedPolicyDocument"


def test_a_role_has_ten_policies_at_most(bench: Bench) -> None:
    bench.role("Reader", TRUST)
    iam, arns = bench.client("iam"), [made(bench, f"p{n}") for n in range(11)]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName="Reader", PolicyArn=arn)
    said = refusal(iam.attach_role_policy, RoleName="Reader", PolicyArn=arns[10])
    assert (said.code, said.status) == ("LimitExceeded", 409)


def test_the_longest_session_is_told_to_who_may_ask(bench: Bench) -> None:
    bench.role("Reader", TRUST)
    iam, ask = bench.client("iam"), {"Effect": "Allow", "Action": "iam:GetRole", "Resource": role_arn("Reader")}
    allowed = bench.client("iam", bench.user("planner", ask, account=PRODUCTION))
    iam.update_role(RoleName="Reader", MaxSessionDuration=7_200)
    assert allowed.get_role(RoleName="Reader")["Role"]["MaxSessionDuration"] == 7_200
    for name in ("Other", "Missing"):
        assert refusal(allowed.get_role, RoleName=name).code == "AccessDenied"
    nobody = bench.client("iam", bench.user("nobody", account=PRODUCTION))
    said = refusal(nobody.get_role, RoleName="Reader")
    assert (said.code, said.status) == ("AccessDenied", 403)


def test_role_tags_are_kept_without_regard_to_case(bench: Bench) -> None:
    wanted = trust({"AWS": PRODUCTION}, "sts:AssumeRole", StringEquals={"aws:ResourceTag/team": "ops"})
    role, iam = bench.role("Reader", wanted), bench.client("iam")
    assert refusal(bench.client("sts").assume_role, RoleArn=role, RoleSessionName="alice").code == "AccessDenied"
    iam.tag_role(RoleName="Reader", Tags=[tag("Team", "sales")])
    iam.tag_role(RoleName="Reader", Tags=[tag("team", "ops")])
    assert iam.list_role_tags(RoleName="Reader")["Tags"] == [tag("team", "ops")]
    assert session(bench, role)
    iam.untag_role(RoleName="Reader", TagKeys=["TEAM"])
    assert iam.list_role_tags(RoleName="Reader")["Tags"] == []
    iam.tag_role(RoleName="Reader", Tags=[tag(f"k{n}") for n in range(50)])
    assert refusal(iam.tag_role, RoleName="Reader", Tags=[tag("one-more")]).code == "LimitExceeded"
