"""Vectors 6, 7, 21, 22, 23, 24: external ids, revocation, failures, exact ARNs."""

from __future__ import annotations

import json

import pytest

from app.local.aws.things import AccessKey
from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, document, refusal, role_arn, trust
from tests.local.aws.test_vectors_names import open_role

OURS = {"AWS": f"arn:aws:iam::{DEVELOPMENT}:user/fedgate"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def test_vector_06_an_external_id_that_the_trust_demands(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate", ASSUME))
    role = bench.role("Partner", trust(OURS, "sts:AssumeRole", StringEquals={"sts:ExternalId": "e-4711"}))
    assert sts.assume_role(RoleArn=role, RoleSessionName="alice", ExternalId="e-4711")
    wrong = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", ExternalId="e-4712")
    none = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice")
    assert wrong == none
    assert (none.code, none.status) == ("AccessDenied", 403)
    user = f"arn:aws:iam::{DEVELOPMENT}:user/fedgate"
    assert none.message == f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {role}"


def test_vector_07_an_external_id_that_nobody_asked_for_is_ignored(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate", ASSUME))
    role = bench.role("Careless", trust(OURS, "sts:AssumeRole"))
    assert sts.assume_role(RoleArn=role, RoleSessionName="alice", ExternalId="anything")


def test_across_accounts_both_sides_must_agree(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate"))
    role = bench.role("Partner", trust(OURS, "sts:AssumeRole"))
    assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice").code == "AccessDenied"


def test_in_one_account_a_trust_that_names_the_user_is_enough(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate"))
    named = bench.role("Named", trust(OURS, "sts:AssumeRole"), account=DEVELOPMENT)
    by_account = trust({"AWS": DEVELOPMENT}, "sts:AssumeRole")
    account = bench.role("ByAccount", by_account, account=DEVELOPMENT)
    assert sts.assume_role(RoleArn=named, RoleSessionName="alice")
    assert refusal(sts.assume_role, RoleArn=account, RoleSessionName="alice").code == "AccessDenied"


def test_a_missing_role_and_a_forbidden_role_sound_the_same(bench: Bench) -> None:
    sts = bench.client("sts", bench.user("fedgate", ASSUME))
    forbidden = bench.role("Forbidden", trust({"AWS": PRODUCTION}, "sts:AssumeRole"))
    one = refusal(sts.assume_role, RoleArn=forbidden, RoleSessionName="alice")
    other = refusal(sts.assume_role, RoleArn=role_arn("Missing"), RoleSessionName="alice")
    assert one.message.replace("Forbidden", "Missing") == other.message


def test_vector_21_revocation_hits_old_sessions_and_not_new_ones(bench: Bench) -> None:
    role = open_role(bench)
    sts, iam = bench.client("sts"), bench.client("iam")
    bench.aws.turn(clock_offset_seconds=-120)
    old = sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    bench.aws.turn(clock_offset_seconds=0)
    limit = bench.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    deny = EVERYTHING | {"Effect": "Deny", "Condition": {"DateLessThan": {"aws:TokenIssueTime": limit}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": deny})
    iam.put_role_policy(RoleName="Open", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy)
    new = sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    assert "explicit deny" in refusal(bench.client("s3", old).list_buckets).message
    assert bench.client("s3", new).list_buckets()["Buckets"] == []
    assert bench.client("sts", old).get_caller_identity()["Account"] == PRODUCTION


def test_vector_21_a_policy_change_takes_a_while(bench: Bench) -> None:
    bench.aws.turn(clock_offset_seconds=-600)
    role = open_role(bench)
    bench.aws.turn(clock_offset_seconds=0, propagation_seconds=60)
    credentials = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    s3, deny = bench.client("s3", credentials), document(EVERYTHING | {"Effect": "Deny"})
    bench.client("iam").put_role_policy(RoleName="Open", PolicyName="stop", PolicyDocument=deny)
    assert s3.list_buckets()["Buckets"] == []
    bench.aws.turn(clock_offset_seconds=61)
    assert refusal(s3.list_buckets).code == "AccessDenied"


def test_vector_22_every_second_call_is_throttled(bench: Bench) -> None:
    sts = bench.client("sts")
    bench.aws.turn(throttle_every=2)
    assert sts.get_caller_identity()
    said = refusal(sts.get_caller_identity)
    assert (said.code, said.status, said.message) == ("Throttling", 400, "Rate exceeded")
    assert sts.get_caller_identity()


def test_vector_22_credentials_that_have_expired(bench: Bench) -> None:
    role = bench.saml_role()
    bench.aws.turn(clock_offset_seconds=-3_600)
    credentials = bench.with_saml(role, DurationSeconds=900)["Credentials"]
    bench.aws.turn(clock_offset_seconds=0)
    said = refusal(bench.client("sts", credentials).get_caller_identity)
    assert (said.code, said.status) == ("ExpiredToken", 403)


def test_vector_22_a_region_that_is_switched_off(bench: Bench) -> None:
    bench.aws.turn(disabled_regions=["ap-east-1"])
    said = refusal(bench.client("sts", region="ap-east-1").get_caller_identity)
    assert (said.code, said.status) == ("RegionDisabledException", 403)
    assert bench.client("sts", region="eu-west-1").get_caller_identity()


def test_vector_23_a_role_name_in_other_case_is_not_the_role(bench: Bench) -> None:
    open_role(bench, "Open")
    said = refusal(bench.client("sts").assume_role, RoleArn=role_arn("open"), RoleSessionName="alice")
    assert said.code == "AccessDenied"
    policy = trust({"AWS": PRODUCTION}, "sts:AssumeRole")
    said = refusal(bench.client("iam").create_role, RoleName="OPEN", AssumeRolePolicyDocument=policy)
    assert (said.code, said.status) == ("EntityAlreadyExists", 409)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws-cn:iam::{PRODUCTION}:role/Open",
        f"arn:aws:iam::{PRODUCTION}:user/operator",
        "Open-the-door-please-now",
        f"arn:aws:iam::{PRODUCTION}:role/",
    ],
)
def test_vector_24_arns_of_another_partition_or_kind(bench: Bench, arn: str) -> None:
    open_role(bench)
    said = refusal(bench.client("sts").assume_role, RoleArn=arn, RoleSessionName="alice")
    assert (said.code, said.message) == ("ValidationError", f"{arn} is invalid")


def test_root_may_not_assume_roles(bench: Bench) -> None:
    key = AccessKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", PRODUCTION, "", bench.now())
    bench.aws.desk.world.keys[key.id] = key
    root = bench.client("sts", {"AccessKeyId": key.id, "SecretAccessKey": key.secret})
    assert root.get_caller_identity()["Arn"] == f"arn:aws:iam::{PRODUCTION}:root"
    said = refusal(root.assume_role, RoleArn=open_role(bench), RoleSessionName="alice")
    assert said.message == "Roles may not be assumed by root accounts."


def test_a_role_made_again_under_its_name_is_another_role(bench: Bench) -> None:
    role, iam = open_role(bench), bench.client("iam")
    credentials = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    iam.delete_role_policy(RoleName="Open", PolicyName="may")
    iam.delete_role(RoleName="Open")
    open_role(bench)
    assert refusal(bench.client("s3", credentials).list_buckets).code == "AccessDenied"


def test_mfa_codes_are_wrong_because_nobody_has_a_device(bench: Bench) -> None:
    role, sts = open_role(bench), bench.client("sts")
    serial = f"arn:aws:iam::{PRODUCTION}:mfa/operator"
    half = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", SerialNumber=serial)
    full = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", SerialNumber=serial, TokenCode="123456")
    assert half.message.endswith("must provide both MFA serial number and one time pass code.")
    assert (full.code, full.status) == ("AccessDenied", 403)
