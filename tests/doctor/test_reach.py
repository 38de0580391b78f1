"""Which roads to more rights a role's policies open: possible, never certain, and none twice."""

from __future__ import annotations

import json

import pytest

from app.doctor.reach import paths_of, told
from app.doctor.reach_paths import PATHS


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **more: object) -> object:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def deny(*actions: str, **more: object) -> object:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:*")], ()),
        ([allow("iam:PassRole")], ()),
        ([allow("iam:passrole", "ec2:RunInstances")], ("start-machine-with-role",)),
        ([allow("iam:Pass*"), allow("cloudformation:*")], ("pass-role-to-cloud-formation",)),
        ([allow("lambda:UpdateFunctionCode")], ("edit-existing-lambda-function-with-role",)),
        ([allow("*")], ("administrator",)),
        ([allow("iam:UpdateAssumeRolePolicy"), deny("iam:*")], ()),
        ([allow("iam:UpdateAssumeRolePolicy"), deny("iam:*", Condition={"Bool": {"aws:ViaAWSService": "true"}})], None),
        ([allow("iam:UpdateAssumeRolePolicy"), deny("iam:*", Resource="arn:aws:iam::1:role/x")], None),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], None),
    ],
)
def test_roads(statements: list[object], expected: tuple[str, ...] | None) -> None:
    found = paths_of([policy(*statements)])
    if expected is None:
        assert found
    elif "cloudformation:*" in json.dumps(statements):
        assert set(expected) <= set(found)
    else:
        assert found == expected


def test_everything_but_iam_opens_no_road_that_needs_iam() -> None:
    found = paths_of([policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})])
    assert not any(action.startswith("iam:") for path in told(found) for action in path.actions)


def test_what_is_allowed_in_two_policies_counts_together() -> None:
    assert paths_of([policy(allow("iam:PassRole")), policy(allow("ec2:RunInstances"))])


def test_what_needs_more_of_the_same_is_not_told_twice() -> None:
    found = told(paths_of([policy(allow("iam:*", "lambda:*"))]))
    for path in found:
        assert not any(set(other.actions) < set(path.actions) for other in found)


def test_what_cannot_be_read_and_what_is_not_known_any_more_is_left_out() -> None:
    assert paths_of(["nonsense", "[]", '{"Statement": "x"}']) == ()
    assert told(["of-another-version"]) == ()


def test_every_road_says_what_could_be_done() -> None:
    for path in PATHS.values():
        assert path.could, path.id
        assert path.id == path.id.lower()
        assert all(action == action.lower() and ":" in action for action in path.actions)
