"""Conditions as IAM's pages describe them: what is absent, what differs from person to person, what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.doctor.comparing import wild
from app.doctor.conditions import NOTHING, Differs, Known, Said, Unclear, holds
from app.doctor.policies import Condition
from app.doctor.truth import Truth
from app.local.aws.policy.conditions import holds as holds_in_aws
from app.local.aws.policy.grammar import Condition as AwsCondition

SAYS: Mapping[str, Said] = {
    "team": Known(("payments",)),
    "keys": Known(("Team", "CostCenter")),
    "when": Known(("2026-11-22T10:00:00Z",)),
    "many": Known(("7",)),
    "where": Known(("203.0.113.9",)),
    "arn": Known(("arn:aws:iam::111111111111:user/fedgate",)),
    "mfa": Known(("true",)),
    "name": Differs(r"[a-z]+-[a-z2-7]{16}", "[a-z2-7-]"),
    "none": NOTHING,
    "hidden": Unclear(),
}


def said(key: str) -> Said:
    return SAYS[key]


def truth(operator: str, key: str, *values: str) -> Truth:
    return holds(Condition(operator, key, values), said, variables=True)


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "team", ["platform", "payments"], Truth.YES),
        ("StringEquals", "team", ["Payments"], Truth.NO),
        ("StringEqualsIgnoreCase", "team", ["Payments"], Truth.YES),
        ("StringNotEquals", "team", ["platform"], Truth.YES),
        ("StringLike", "team", ["pay*"], Truth.YES),
        ("StringLike", "team", ["pay?"], Truth.NO),
        ("StringNotLike", "team", ["pay*"], Truth.NO),
        ("ForAnyValue:StringEquals", "keys", ["Team"], Truth.YES),
        ("ForAllValues:StringEquals", "keys", ["Team"], Truth.NO),
        ("ForAllValues:StringEquals", "keys", ["Team", "CostCenter"], Truth.YES),
        ("DateGreaterThan", "when", ["2026-11-22T09:00:00Z"], Truth.YES),
        ("DateLessThan", "when", ["2026-11-22T09:00:00Z"], Truth.NO),
        ("DateLessThan", "when", ["1795341600"], Truth.NO),
        ("NumericLessThanEquals", "many", ["7"], Truth.YES),
        ("NumericEquals", "many", ["8"], Truth.NO),
        ("IpAddress", "where", ["203.0.113.0/24"], Truth.YES),
        ("NotIpAddress", "where", ["203.0.113.0/24"], Truth.NO),
        ("ArnLike", "arn", ["arn:aws:iam::*:user/*"], Truth.YES),
        ("ArnEquals", "arn", ["arn:aws:iam::222222222222:user/*"], Truth.NO),
        ("Bool", "mfa", ["true"], Truth.YES),
        ("Null", "team", ["false"], Truth.YES),
        ("Null", "none", ["true"], Truth.YES),
        ("Null", "none", ["false"], Truth.NO),
    ],
)
def test_what_a_call_says_is_compared_as_aws_does(operator: str, key: str, values: list[str], expected: Truth) -> None:
    assert truth(operator, key, *values) is expected
    assert holds_in_aws(_as_aws(operator, key, values), _context(), True) is (expected is Truth.YES)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", Truth.NO),
        ("StringLike", Truth.NO),
        ("StringEqualsIfExists", Truth.YES),
        ("StringNotEquals", Truth.YES),
        ("ForAllValues:StringEquals", Truth.YES),
        ("ForAnyValue:StringEquals", Truth.NO),
        ("ForAnyValue:StringNotEquals", Truth.NO),
        ("BoolIfExists", Truth.YES),
    ],
)
def test_an_absent_key_opens_what_it_opens_in_aws(operator: str, expected: Truth) -> None:
    assert truth(operator, "none", "x") is expected
    assert holds_in_aws(_as_aws(operator, "none", ["x"]), _context(), True) is (expected is Truth.YES)


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "hidden", "x"),
        ("Null", "hidden", "true"),
        ("StringResembles", "team", "payments"),
        ("ForSomeValues:StringEquals", "team", "payments"),
        ("NumericEquals", "many", "seven"),
        ("DateLessThan", "when", "tomorrow"),
        ("IpAddress", "where", "the office"),
        ("ArnLike", "arn", "*"),
        ("StringEquals", "team", "${hidden}"),
        ("StringEquals", "name", "alice-mfzwizltoq3dkmbs"),
        ("StringLike", "name", "alice-*"),
    ],
)
def test_what_nobody_can_know_is_never_guessed(operator: str, key: str, value: str) -> None:
    assert truth(operator, key, value) is Truth.UNCLEAR


def test_what_fits_nobody_and_what_fits_everybody_is_known() -> None:
    assert truth("StringLike", "name", "*") is Truth.YES
    assert truth("StringLike", "name", "*@example.com") is Truth.NO
    assert truth("StringEquals", "name", "alice@example.com") is Truth.NO
    assert truth("StringNotEquals", "name", "alice@example.com") is Truth.YES


def test_a_variable_is_what_the_call_says_and_a_star_in_it_is_no_wildcard() -> None:
    assert truth("StringEquals", "team", "${team}") is Truth.YES
    assert truth("StringEquals", "team", "${none}") is Truth.NO
    assert truth("StringEquals", "team", "${none, 'payments'}") is Truth.YES
    plain = holds(Condition("StringEquals", "team", ("${team}",)), said, variables=False)
    assert plain is Truth.NO


def _as_aws(operator: str, key: str, values: list[str]) -> AwsCondition:
    mine = Condition(operator, key, tuple(values))
    return AwsCondition(mine.quantifier, mine.plain, mine.if_exists, key, mine.values)


def _context() -> Mapping[str, tuple[str, ...]]:
    return {key: value.values for key, value in SAYS.items() if isinstance(value, Known) and value.values}


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [("", "", True), ("*", "", True), ("a*b?", "axxbbc", True), ("a*b?", "axxb", False), ("?", "", False)],
)
def test_stars_and_question_marks(pattern: str, text: str, fits: bool) -> None:
    assert wild(pattern, text) is fits


def test_no_number_of_stars_keeps_the_gateway_busy() -> None:
    """Whoever may write one role's trust policy must not be able to halt a process of the gateway."""
    assert not wild("*1" * 200 + "**x", "arn:aws:iam::111111111111:user/fedgate" * 20)
