"""Vectors 1, 2, 3, 4, 5, 8, 9: names, durations, chaining, tags, source identity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, refusal, remaining, role_arn, trust

ALL_OF_STS = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def open_role(bench: Bench, name: str = "Open", *, seconds: int = 3_600, **condition: Any) -> str:
    principal = {"AWS": [f"arn:aws:iam::{PRODUCTION}:root", f"arn:aws:iam::{DEVELOPMENT}:root"]}
    return bench.role(name, trust(principal, *ALL_OF_STS, **condition), EVERYTHING, MaxSessionDuration=seconds)


@pytest.mark.parametrize("name", ["ab", "a" * 64, "alice@example.com", "x=y,z.-+_"])
def test_vector_01_session_names_that_aws_takes(bench: Bench, name: str) -> None:
    taken = bench.client("sts").assume_role(RoleArn=open_role(bench), RoleSessionName=name)
    assert taken["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/Open/{name}"


@pytest.mark.parametrize("name", ["a", "a" * 65, "al ice", "alicé", "alice\n", "al/ice", "", "a:b", "a\x00b"])
def test_vector_01_session_names_that_aws_refuses(bench: Bench, name: str) -> None:
    said = refusal(bench.client("sts").assume_role, RoleArn=open_role(bench), RoleSessionName=name)
    assert (said.code, said.status) == ("ValidationError", 400)
    assert "at 'roleSessionName' failed to satisfy constraint: Member must" in said.message


def test_vector_01_the_sentence_is_that_of_aws(bench: Bench) -> None:
    said = refusal(bench.client("sts").assume_role, RoleArn=open_role(bench), RoleSessionName="al ice")
    assert said.message == (
        "1 validation error detected: Value 'al ice' at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    )


@pytest.mark.parametrize(("limit", "wanted"), [(3_600, 900), (3_600, 3_600), (43_200, 43_200)])
def test_vector_02_durations_within_the_roles_limit(bench: Bench, limit: int, wanted: int) -> None:
    role = open_role(bench, seconds=limit)
    taken = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="alice", DurationSeconds=wanted)
    assert wanted - 60 <= remaining(taken["Credentials"]).total_seconds() <= wanted


@pytest.mark.parametrize(
    ("limit", "wanted", "sentence"),
    [
        (3_600, 899, "at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal"),
        (3_600, 3_601, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        (43_200, 43_201, "Member must have value less than or equal to 43200"),
    ],
)
def test_vector_02_durations_beyond_it(bench: Bench, limit: int, wanted: int, sentence: str) -> None:
    role = open_role(bench, seconds=limit)
    said = refusal(bench.client("sts").assume_role, RoleArn=role, RoleSessionName="alice", DurationSeconds=wanted)
    assert (said.code, said.status) == ("ValidationError", 400)
    assert sentence in said.message


def chained_client(bench: Bench, **first: Any) -> Any:
    taken = bench.client("sts").assume_role(RoleArn=role_arn("First"), RoleSessionName="alice", **first)
    return bench.client("sts", taken["Credentials"])


def test_vector_03_a_chained_session_is_an_hour_at_most(bench: Bench) -> None:
    open_role(bench, "First")
    second = open_role(bench, "Second", seconds=43_200)
    sts = chained_client(bench)
    said = refusal(sts.assume_role, RoleArn=second, RoleSessionName="alice", DurationSeconds=3_601)
    assert said.code == "ValidationError"
    assert said.message.endswith("exceeds the 1 hour session limit for roles assumed by role chaining.")
    taken = sts.assume_role(RoleArn=second, RoleSessionName="alice", DurationSeconds=3_600)
    assert remaining(taken["Credentials"]).total_seconds() > 3_540


def test_vector_04_role_sessions_get_no_federation_or_session_token(bench: Bench) -> None:
    open_role(bench, "First")
    sts = chained_client(bench)
    federation = refusal(sts.get_federation_token, Name="alice")
    session = refusal(sts.get_session_token)
    assert (federation.code, federation.status) == (session.code, session.status) == ("AccessDenied", 403)
    assert federation.message == "Cannot call GetFederationToken with session credentials"
    assert session.message == "Cannot call GetSessionToken with session credentials"


def test_vector_05_federation_names_have_32_characters(bench: Bench) -> None:
    sts = bench.client("sts")
    assert refusal(sts.get_federation_token, Name="a" * 33).code == "ValidationError"
    user = sts.get_federation_token(Name="a" * 32)["FederatedUser"]
    assert user["Arn"] == f"arn:aws:sts::{PRODUCTION}:federated-user/{'a' * 32}"


def test_vector_05_a_federated_user_without_policy_may_do_nothing(bench: Bench) -> None:
    credentials = bench.client("sts").get_federation_token(Name="alice")["Credentials"]
    assert bench.client("sts", credentials).get_caller_identity()["UserId"] == f"{PRODUCTION}:alice"
    assert refusal(bench.client("s3", credentials).list_buckets).code == "AccessDenied"
    assert refusal(
        bench.client("sts", credentials).assume_role, RoleArn=open_role(bench), RoleSessionName="al"
    ).code == ("AccessDenied")


def tag(key: str, value: str = "v") -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize(
    "tags",
    [
        [tag(f"k{n}") for n in range(51)],
        [tag("k" * 129)],
        [tag("k", "v" * 257)],
        [tag("Dept"), tag("dept")],
        [tag("k", "semi;colon")],
        [tag("k", "line\nfeed")],
        [tag("aws:k")],
    ],
    ids=["51 tags", "key of 129", "value of 257", "two keys but for case", "semicolon", "line feed", "reserved"],
)
def test_vector_08_tags_that_aws_refuses(bench: Bench, tags: list[dict[str, str]]) -> None:
    said = refusal(bench.client("sts").assume_role, RoleArn=open_role(bench), RoleSessionName="alice", Tags=tags)
    assert said.code in ("ValidationError", "InvalidParameterValue")
    assert said.status == 400


def test_vector_08_letters_of_all_languages_are_tag_text(bench: Bench) -> None:
    tags = [tag("Abteilung Größe", "Zahlungen / Köln + 北京")]
    assert bench.client("sts").assume_role(RoleArn=open_role(bench), RoleSessionName="alice", Tags=tags)


def test_vector_08_an_inherited_transitive_tag_cannot_be_sent_again(bench: Bench) -> None:
    open_role(bench, "First")
    second = open_role(bench, "Second")
    sts = chained_client(bench, Tags=[tag("Team", "payments")], TransitiveTagKeys=["Team"])
    said = refusal(sts.assume_role, RoleArn=second, RoleSessionName="alice", Tags=[tag("team", "other")])
    assert said.code == "InvalidParameterValue"
    assert sts.assume_role(RoleArn=second, RoleSessionName="alice")["Credentials"]


def test_vector_08_nine_long_tags_are_498_percent(bench: Bench) -> None:
    tags = [tag(f"k{n}", "a" * 250) for n in range(9)]
    said = refusal(bench.client("sts").assume_role, RoleArn=open_role(bench), RoleSessionName="alice", Tags=tags)
    assert said.code == "PackedPolicyTooLarge"
    assert said.message == "Packed size of session tags consumes 498% of allotted space."


def test_vector_09_a_source_identity_must_not_begin_with_aws(bench: Bench) -> None:
    role = open_role(bench)
    said = refusal(bench.client("sts").assume_role, RoleArn=role, RoleSessionName="alice", SourceIdentity="aws:alice")
    assert said.code == "ValidationError"


def test_vector_09_a_source_identity_survives_the_chain_and_cannot_change(bench: Bench) -> None:
    open_role(bench, "First")
    second = open_role(bench, "Second")
    sts = chained_client(bench, SourceIdentity="alice")
    said = refusal(sts.assume_role, RoleArn=second, RoleSessionName="mallory", SourceIdentity="mallory")
    assert said.code == "AccessDenied"
    assert sts.assume_role(RoleArn=second, RoleSessionName="mallory")["SourceIdentity"] == "alice"


def test_vector_09_the_trust_policy_must_let_the_source_identity_be_set(bench: Bench) -> None:
    role = bench.role("Strict", trust({"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "sts:AssumeRole"))
    sts = bench.client("sts")
    assert sts.assume_role(RoleArn=role, RoleSessionName="alice")
    said = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", SourceIdentity="alice")
    assert (said.code, said.status) == ("AccessDenied", 403)
    tagged = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", Tags=[tag("k")])
    operator = f"arn:aws:iam::{PRODUCTION}:user/operator"
    assert tagged.message == f"User: {operator} is not authorized to perform: sts:TagSession on resource: {role}"
