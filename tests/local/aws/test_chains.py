"""From one role into the next, across accounts: who must agree, what is handed on, what cannot change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, document, refusal, role_arn, trust
from tests.local.aws.test_vectors_names import ALL_OF_STS, tag

HUB = role_arn("Hub", DEVELOPMENT)


def onward(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions or ALL_OF_STS), "Resource": role_arn("Target")}


def hub(bench: Bench, *may: dict[str, Any], **passed: Any) -> Any:
    """STS in the hands of a session of Development's role Hub."""
    bench.role("Hub", trust({"AWS": DEVELOPMENT}, *ALL_OF_STS), *may, account=DEVELOPMENT)
    taken = bench.operator(DEVELOPMENT, "sts").assume_role(RoleArn=HUB, RoleSessionName="alice", **passed)
    return bench.client("sts", taken["Credentials"])


def target(bench: Bench, *actions: str, principal: str = HUB, **condition: Any) -> str:
    """A role of Production that trusts the hub."""
    return bench.role("Target", trust({"AWS": principal}, *(actions or ALL_OF_STS), **condition), EVERYTHING)


def into_target(sts: Any, **more: Any) -> Any:
    return sts.assume_role(RoleArn=role_arn("Target"), RoleSessionName="alice", **more)


def said_about(sts: Any, **more: Any) -> str:
    said = refusal(sts.assume_role, RoleArn=role_arn("Target"), RoleSessionName="alice", **more)
    assert (said.code, said.status) == ("AccessDenied", 403)
    return said.message


def test_both_accounts_agree(bench: Bench) -> None:
    sts = hub(bench, onward())
    target(bench)
    taken = into_target(sts)
    assert taken["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/Target/alice"
    assert bench.client("s3", taken["Credentials"]).list_buckets()["Buckets"] == []


def test_the_hub_itself_must_be_allowed_to_go_on(bench: Bench) -> None:
    sts = hub(bench)
    target(bench)
    session = f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Hub/alice"
    expected = f"User: {session} is not authorized to perform: sts:AssumeRole on resource: {role_arn('Target')}"
    assert said_about(sts) == expected


@pytest.mark.parametrize(
    ("principal", "works"),
    [
        (HUB, True),
        (f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Hub/alice", True),
        (f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Hub/bob", False),
        (DEVELOPMENT, True),
        (PRODUCTION, False),
    ],
)
def test_the_target_trusts_a_role_a_session_or_an_account(bench: Bench, principal: str, works: bool) -> None:
    sts = hub(bench, onward())
    target(bench, principal=principal)
    if works:
        assert into_target(sts)
    else:
        said_about(sts)


def test_a_session_policy_of_the_first_step_cuts_the_second(bench: Bench) -> None:
    sts = hub(bench, onward(), Policy=document(EVERYTHING | {"Action": "s3:*"}))
    target(bench)
    said_about(sts)


def test_an_external_id_in_the_chain(bench: Bench) -> None:
    """Vectors 6 and 7, asked by a role."""
    sts = hub(bench, onward())
    target(bench, StringEquals={"sts:ExternalId": ["e-4711", "e-4712"]})
    assert into_target(sts, ExternalId="e-4711")
    assert into_target(sts, ExternalId="e-4712"), "two values while one is replaced"
    assert said_about(sts, ExternalId="E-4711") == said_about(sts)


@pytest.mark.parametrize("external_id", ["e", "e" * 1_225, "e 4711", "e\n4711", "é-4711"])
def test_external_ids_that_aws_refuses(bench: Bench, external_id: str) -> None:
    sts = hub(bench, onward())
    target(bench)
    given = {"RoleArn": role_arn("Target"), "RoleSessionName": "alice"}
    said = refusal(sts.assume_role, **given, ExternalId=external_id)
    assert (said.code, said.status) == ("ValidationError", 400)


def test_a_source_identity_needs_both_roles_and_the_hubs_policy(bench: Bench) -> None:
    sts = hub(bench, onward("sts:AssumeRole"), SourceIdentity="alice")
    target(bench)
    assert "sts:SetSourceIdentity" in said_about(sts)
    policy = trust({"AWS": HUB}, "sts:AssumeRole")
    bench.client("iam").update_assume_role_policy(RoleName="Target", PolicyDocument=policy)
    iam = bench.operator(DEVELOPMENT, "iam")
    iam.put_role_policy(RoleName="Hub", PolicyName="may", PolicyDocument=document(onward()))
    assert "sts:SetSourceIdentity" in said_about(sts)


def test_a_target_may_insist_on_who_it_was_at_the_start(bench: Bench) -> None:
    sts = hub(bench, onward(), SourceIdentity="alice")
    target(bench, StringEquals={"aws:SourceIdentity": "alice", "sts:SourceIdentity": "alice"})
    assert into_target(sts)["SourceIdentity"] == "alice"
    said_about(bench.operator(DEVELOPMENT, "sts"), SourceIdentity="alice")


def test_transitive_tags_go_all_the_way_and_others_do_not(bench: Bench) -> None:
    tags = [tag("Team", "ops"), tag("Ticket", "4711")]
    sts = hub(bench, onward(), Tags=tags, TransitiveTagKeys=["Team"])
    target(bench)
    last = trust({"AWS": role_arn("Target")}, *ALL_OF_STS, StringEquals={"aws:PrincipalTag/Team": "ops"})
    bench.role("Last", last)
    ticketed = trust({"AWS": role_arn("Target")}, *ALL_OF_STS, StringEquals={"aws:PrincipalTag/Ticket": "4711"})
    bench.role("Ticketed", ticketed)
    further = bench.client("sts", into_target(sts)["Credentials"])
    taken = further.assume_role(RoleArn=role_arn("Last"), RoleSessionName="alice")
    assert taken["PackedPolicySize"] >= 1, "what is inherited takes room too"
    given = {"RoleArn": role_arn("Ticketed"), "RoleSessionName": "alice"}
    assert refusal(further.assume_role, **given).code == "AccessDenied"
    conflict = refusal(bench.client("sts", taken["Credentials"]).assume_role, **given, Tags=[tag("TEAM", "sales")])
    assert (conflict.code, conflict.status) == ("InvalidParameterValue", 400)


def test_inherited_tags_must_be_let_in(bench: Bench) -> None:
    sts = hub(bench, onward(), Tags=[tag("Team", "ops")], TransitiveTagKeys=["Team"])
    target(bench, "sts:AssumeRole")
    assert "sts:TagSession" in said_about(sts)


def test_the_hour_of_a_chain_is_also_that_of_a_chain_across_accounts(bench: Bench) -> None:
    sts = hub(bench, onward())
    target(bench)
    bench.client("iam").update_role(RoleName="Target", MaxSessionDuration=43_200)
    given = {"RoleArn": role_arn("Target"), "RoleSessionName": "alice"}
    said = refusal(sts.assume_role, **given, DurationSeconds=3_601)
    assert said.message.endswith("exceeds the 1 hour session limit for roles assumed by role chaining.")
    assert into_target(sts, DurationSeconds=3_600)
