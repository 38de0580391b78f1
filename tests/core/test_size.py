"""How large AWS will find a session's policies and tags, and what stays at home."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.decisions import Denied, Granted, Purpose, decide
from app.core.roles import Method
from app.core.session_tags import SessionTags
from app.core.size import CLI_PERCENT, CONSOLE_PERCENT, SPACE, fits, never_fits, percent
from app.local.aws.knobs import Knobs
from app.local.aws.policy.packing import packed_percent
from tests.core.people import NOW, UPDATE_APP, a_catalog, a_role, a_rule, person

READ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
ARNS = ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
TEXT = st.text(alphabet="abcdefgh 019_.:/=+-@äß", max_size=120)
TAGS = st.dictionaries(st.text(alphabet="abcdefgh019", min_size=1, max_size=40), TEXT, max_size=12).map(SessionTags)
LIMITS = st.sampled_from([CONSOLE_PERCENT, CLI_PERCENT])


def tags(count: int, size: int) -> dict[str, str]:
    return {f"k{n}": "a" * size for n in range(count)}


def test_nine_tags_of_252_letters_are_498_percent_as_aws_said() -> None:
    assert percent("", (), tags(9, 250)) == 498


@pytest.mark.parametrize(
    ("policy", "arns", "given_tags"),
    [("", (), tags(1, 250)), ("", (), tags(2, 220)), (READ, (), {}), ("", ARNS * 3, {}), (READ, ARNS, tags(3, 60))],
)
def test_the_local_aws_counts_the_same(policy: str, arns: tuple[str, ...], given_tags: dict[str, str]) -> None:
    assert Knobs().packed_budget_bytes == SPACE
    assert percent(policy, arns, given_tags) == packed_percent(policy or None, arns, given_tags, SPACE)


def test_what_is_not_packed_takes_nothing() -> None:
    assert percent("", (), {}) == 0
    assert fits(a_role(method=Method.SESSION_TOKEN, policy=READ), SessionTags(tags(9, 250))).percent == 0


def test_tags_are_left_out_in_the_declared_order_and_no_more_than_needed() -> None:
    role = a_role(shorten=("k2", "k0", "k1"))
    assert fits(role, SessionTags(tags(3, 220))).dropped == ("k2",)
    assert fits(role, SessionTags(tags(3, 220)), CONSOLE_PERCENT).dropped == ("k2", "k0")
    assert fits(role, SessionTags(tags(2, 220))).dropped == ()


def test_a_tag_that_nobody_gave_up_is_never_left_out() -> None:
    budget = fits(a_role(shorten=("k0",)), SessionTags(tags(4, 220)))
    assert budget.dropped == ("k0",)
    assert budget.percent > CLI_PERCENT


@given(TAGS, st.data(), LIMITS)
def test_what_is_kept_fits_or_everything_was_given_up(found: SessionTags, data: st.DataObject, limit: int) -> None:
    shorten = tuple(data.draw(st.permutations(sorted(found))))[: data.draw(st.integers(0, len(found)))]
    budget = fits(a_role(shorten=shorten), found, limit)
    kept = budget.keeps(found)
    assert budget.percent == percent("", (), kept)
    assert budget.percent <= limit or set(budget.dropped) == set(shorten)
    assert set(found) == set(kept) | set(budget.dropped)
    assert set(budget.dropped) <= set(shorten)
    if budget.dropped:
        last = budget.dropped[-1]
        assert percent("", (), {**kept, last: found[last]}) > limit


@given(TAGS, st.text(alphabet="ab", min_size=1, max_size=20).map("z".__add__), TEXT)
def test_one_tag_more_is_never_smaller(found: SessionTags, key: str, value: str) -> None:
    assert percent(READ, ARNS, {**found, key: value}) >= percent(READ, ARNS, found)


@given(TAGS, st.data())
def test_more_room_never_drops_more(found: SessionTags, data: st.DataObject) -> None:
    role = a_role(shorten=tuple(data.draw(st.permutations(sorted(found)))))
    console, cli = fits(role, found, CONSOLE_PERCENT).dropped, fits(role, found, CLI_PERCENT).dropped
    assert console[: len(cli)] == cli


@given(TAGS, st.sampled_from(list(Purpose)))
def test_nothing_is_granted_that_aws_would_find_too_large(found: SessionTags, purpose: Purpose) -> None:
    role = a_role(tags=dict(found), shorten=tuple(sorted(found))[:4], transitive_tags=tuple(found), policy=READ)
    answer = decide(person("alice", "Developers"), a_catalog([role], [a_rule("Developers")]), UPDATE_APP, purpose, NOW)
    limit = CONSOLE_PERCENT if purpose is Purpose.CONSOLE else CLI_PERCENT
    match answer:
        case Granted(grant):
            assert percent(grant.policy, grant.policy_arns, grant.tags) == grant.packed.percent <= limit
            assert {*grant.tags, *grant.packed.dropped} == set(found)
            assert set(grant.transitive_tags) == set(grant.tags)
        case Denied(reason, sentence):
            assert reason == "size"
            assert f"{limit} %" in sentence


def test_the_console_gets_less_than_the_command_line() -> None:
    role = a_role(tags={"Team": "a" * 200, "Project": "b" * 200}, shorten=("Project",))
    catalog = a_catalog([role], [a_rule("Developers")])
    answers = [decide(person("alice", "Developers"), catalog, UPDATE_APP, purpose, NOW) for purpose in Purpose]
    assert [sorted(answer.grant.tags) for answer in answers if isinstance(answer, Granted)] == [
        ["Team"],
        ["Project", "Team"],
    ]


@pytest.mark.parametrize(
    ("role", "problem"),
    [
        ({"tags": {"Team": "payments"}, "policy_arns": ARNS}, ""),
        ({"tags": tags(2, 250)}, "110 %"),
        ({"tags": tags(2, 250), "shorten": ("k1",), "console": True}, ""),
        ({"tags": tags(2, 190)}, "84 %"),
        ({"tags": tags(2, 190), "console": False}, ""),
        ({"policy": READ + " " * 1_900, "policy_arns": ARNS * 2}, "characters together"),
    ],
)
def test_what_can_never_fit_is_said_with_the_numbers(role: dict[str, Any], problem: str) -> None:
    made = a_role(**role)
    found = never_fits(made, made.tags)
    assert problem in found
    assert bool(found) is bool(problem)
