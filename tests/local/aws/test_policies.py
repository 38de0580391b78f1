"""The policy language, in tables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.local.aws.policy.documents import Use, parse
from app.local.aws.policy.evaluation import Ask, Verdict, Who, permits, trusts
from app.local.aws.policy.packing import packed_percent
from app.local.aws.refusals import Refusal
from tests.local.aws.bench import document, trust

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::app/*"}


def verdict(
    statement: dict[str, Any], action: str = "s3:GetObject", resource: str = "arn:aws:s3:::app/a", **context: Any
) -> str:
    keys = {name.replace("__", ":"): tuple(v) if isinstance(v, list) else (v,) for name, v in context.items()}
    return permits([document(statement)], Ask(action, resource, keys)).value


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "allow"),
        ({"Action": "s3:*"}, "allow"),
        ({"Action": "S3:getobject"}, "allow"),
        ({"Action": "s3:Get?bject"}, "allow"),
        ({"Action": ["s3:Put*", "s3:Get*"]}, "allow"),
        ({"Action": "s3:Get"}, "implicit deny"),
        ({"Action": "ec2:*"}, "implicit deny"),
        ({"Resource": "arn:aws:s3:::app"}, "implicit deny"),
        ({"Resource": "arn:aws:s3:::APP/*"}, "implicit deny"),
        ({"Resource": "*"}, "allow"),
        ({"Effect": "Deny"}, "explicit deny"),
    ],
)
def test_actions_and_resources(change: dict[str, Any], expected: str) -> None:
    assert verdict(ALLOW | change) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "allow"),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, "implicit deny"),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::app/*"}, "implicit deny"),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}, "explicit deny"),
    ],
)
def test_what_is_turned_round(statement: dict[str, Any], expected: str) -> None:
    assert verdict(statement) == expected


def test_a_deny_wins_wherever_it_stands() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    ask = Ask("s3:GetObject", "arn:aws:s3:::app/a", {})
    assert permits([document(ALLOW, deny)], ask) is Verdict.DENY
    assert permits([document(deny), document(ALLOW)], ask) is Verdict.DENY
    assert permits([], ask) is Verdict.SILENT


TEAM = "aws:principaltag/team"
CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"StringEquals": {"aws:PrincipalTag/Team": "pay"}}, {TEAM: "pay"}, True),
    ({"StringEquals": {"aws:PrincipalTag/Team": "pay"}}, {TEAM: "PAY"}, False),
    ({"StringEquals": {"aws:PrincipalTag/Team": "p*"}}, {TEAM: "pay"}, False),
    ({"StringEquals": {"aws:PrincipalTag/Team": ["x", "pay"]}}, {TEAM: "pay"}, True),
    ({"StringEquals": {"aws:PrincipalTag/Team": "pay"}}, {}, False),
    ({"StringEqualsIfExists": {"aws:PrincipalTag/Team": "pay"}}, {}, True),
    ({"StringEqualsIgnoreCase": {"aws:PrincipalTag/Team": "pay"}}, {TEAM: "PAY"}, True),
    ({"StringNotEquals": {"aws:PrincipalTag/Team": "pay"}}, {}, True),
    ({"StringNotEquals": {"aws:PrincipalTag/Team": ["a", "pay"]}}, {TEAM: "pay"}, False),
    ({"StringLike": {"aws:PrincipalTag/Team": "p?y*"}}, {TEAM: "payments"}, True),
    ({"StringNotLike": {"aws:PrincipalTag/Team": "p*"}}, {TEAM: "payments"}, False),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, {"aws:principalarn": "arn:aws:iam::1:role/a/b"}, True),
    ({"ArnEquals": {"aws:PrincipalArn": "arn:*:role/x"}}, {"aws:principalarn": "arn:aws:iam::1:role/x"}, False),
    ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::2:*"}}, {"aws:principalarn": "arn:aws:iam::1:role/x"}, True),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:multifactorauthpresent": "true"}, True),
    ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, {}, False),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresent": False}}, {}, True),
    ({"Null": {"aws:PrincipalTag/Team": "true"}}, {}, True),
    ({"Null": {"aws:PrincipalTag/Team": "false"}}, {}, False),
    ({"Null": {"aws:PrincipalTag/Team": False}}, {TEAM: "pay"}, True),
    ({"DateLessThan": {"aws:CurrentTime": "2026-11-21T00:00:00Z"}}, {"aws:currenttime": "2026-11-20T23:59:59Z"}, True),
    (
        {"DateLessThan": {"aws:CurrentTime": "2026-11-21T01:00:00+01:00"}},
        {"aws:currenttime": "2026-11-21T00:00:00Z"},
        False,
    ),
    ({"DateGreaterThan": {"aws:EpochTime": "2020-01-01"}}, {"aws:epochtime": "1790000000"}, True),
    ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "9"}, True),
    ({"NumericGreaterThan": {"s3:max-keys": 10}}, {"s3:max-keys": "nine"}, False),
    ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}, {"aws:sourceip": "127.0.0.1"}, True),
    ({"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}}, {"aws:sourceip": "127.0.0.1"}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:tagkeys": ["a"]}, True),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:tagkeys": ["a", "c"]}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, {}, True),
    ({"ForAnyValue:StringLike": {"aws:TagKeys": "x*"}}, {"aws:tagkeys": ["a", "xy"]}, True),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}, {}, False),
    ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "x"}}, {}, False),
    ({"StringEquals": {"aws:PrincipalTag/Team": "pay", "aws:username": "al"}}, {TEAM: "pay"}, False),
    ({"StringEquals": {"aws:PrincipalTag/Team": "${aws:username}"}}, {TEAM: "al", "aws:username": "al"}, True),
    ({"StringEquals": {"aws:PrincipalTag/Team": "${aws:username}"}}, {TEAM: "al"}, False),
    ({"StringEquals": {"aws:PrincipalTag/Team": "${aws:username, 'none'}"}}, {TEAM: "none"}, True),
    ({"StringLike": {"aws:PrincipalTag/Team": "${aws:username}"}}, {TEAM: "bob", "aws:username": "*"}, False),
    ({"StringLike": {"aws:PrincipalTag/Team": "a${*}b"}}, {TEAM: "a*b"}, True),
    ({"StringLike": {"aws:PrincipalTag/Team": "a${*}b"}}, {TEAM: "aXb"}, False),
]


@pytest.mark.parametrize(("condition", "context", "holds"), CONDITIONS)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], holds: bool) -> None:
    found = verdict(ALLOW | {"Condition": condition}, **context)
    assert found == ("allow" if holds else "implicit deny")


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        ("arn:aws:s3:::app/${aws:username}/*", "alice", "allow"),
        ("arn:aws:s3:::app/${aws:username}/*", "bob", "implicit deny"),
        ("arn:aws:s3:::app/${aws:username}/*", "*", "implicit deny"),
    ],
)
def test_a_variable_in_a_resource_is_literal(resource: str, name: str, expected: str) -> None:
    asked = "arn:aws:s3:::app/alice/notes"
    assert verdict(ALLOW | {"Resource": resource}, resource=asked, **{"aws:username": name}) == expected


def test_the_old_version_knows_no_variables() -> None:
    text = json.dumps(
        {"Version": "2008-10-17", "Statement": [ALLOW | {"Resource": "arn:aws:s3:::app/${aws:username}"}]}
    )
    context = {"aws:username": ("alice",)}
    assert permits([text], Ask("s3:GetObject", "arn:aws:s3:::app/alice", context)) is Verdict.SILENT
    assert permits([text], Ask("s3:GetObject", "arn:aws:s3:::app/${aws:username}", context)) is Verdict.ALLOW


ROLE, ACCOUNT = "arn:aws:iam::111111111111:role/Gateway", "111111111111"
CALLER = Who("AWS", frozenset({ROLE, "*"}), frozenset({ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"}))


@pytest.mark.parametrize(
    ("principal", "anyhow", "directly"),
    [
        ({"AWS": ROLE}, True, True),
        ({"AWS": ACCOUNT}, True, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True, False),
        ({"AWS": "*"}, True, True),
        ("*", True, True),
        ({"AWS": "222222222222"}, False, False),
        ({"Federated": "arn:aws:iam::111111111111:saml-provider/x"}, False, False),
        ({"Service": "ec2.amazonaws.com"}, False, False),
    ],
)
def test_principals(principal: Any, anyhow: bool, directly: bool) -> None:
    ask = Ask("sts:AssumeRole", "arn:aws:iam::1:role/x", {})
    policy = trust(principal, "sts:AssumeRole")
    assert (trusts(policy, CALLER, ask, directly=False) is Verdict.ALLOW) is anyhow
    assert (trusts(policy, CALLER, ask, directly=True) is Verdict.ALLOW) is directly


def test_everybody_is_no_federated_principal() -> None:
    who = Who("Federated", frozenset({"arn:aws:iam::111111111111:saml-provider/x"}))
    ask = Ask("sts:AssumeRoleWithSAML", "arn:aws:iam::1:role/x", {})
    assert trusts(trust({"AWS": "*"}, "sts:AssumeRoleWithSAML"), who, ask, directly=False) is Verdict.SILENT


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_document_makes_the_reader_fail_otherwise_than_by_refusing(value: Any) -> None:
    statement = {"Version": "2012-10-17", "Statement": value}
    for text in (json.dumps(value), json.dumps(statement), json.dumps(statement | {"Statement": [value]})):
        for use in Use:
            assert outcome(text, use) in ("read", "MalformedPolicyDocument")


def outcome(text: str, use: Use) -> str:
    try:
        parse(text, use)
    except Refusal as refusal:
        return refusal.code
    return "read"


def test_the_datum_that_packing_is_calibrated_on() -> None:
    tags = {f"k{n}": "a" * 250 for n in range(9)}
    with pytest.raises(Refusal, match="498% of allotted space"):
        packed_percent(None, [], tags, 459)
    assert packed_percent(None, [], {}, 459) is None
