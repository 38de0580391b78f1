"""May this person take this role now? Tables of people and roles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.decisions import Denied, Granted, Purpose, decide, entitlements
from app.core.group_patterns import GroupPattern
from app.core.identity import Identity
from app.core.roles import Assertion, Method, Role, RoleArn
from app.core.rules import Rule
from tests.core.people import NOW, UPDATE_APP, a_catalog, a_role, a_rule, person

ADMIN = RoleArn("arn:aws:iam::999999999999:role/Admin")
NOWHERE = RoleArn("arn:aws:iam::999999999999:role/Nowhere")
SECOND = timedelta(seconds=1)


def answer(identity: Identity, *rules: Any, arn: RoleArn = UPDATE_APP, **role: Any) -> Granted | Denied:
    catalog = a_catalog([a_role(**role), a_role(ADMIN)], rules or [a_rule("Developers")])
    return decide(identity, catalog, arn, Purpose.CLI, NOW)


def test_alice_of_the_developers_may_take_the_role_and_the_answer_says_why() -> None:
    match answer(person("alice", "Staff", "Developers")):
        case Granted(grant, rule, group, version):
            assert (grant.role.arn, rule, group, version) == (UPDATE_APP, "developers", "Developers", "v1")
        case denied:
            pytest.fail(str(denied))


@pytest.mark.parametrize(
    "group", ["developers", "DEVELOPERS", "Developers ", "Developers\n", "Dev", "", "*", "Developers,Staff"]
)
def test_a_group_that_only_resembles_the_rules_gives_nothing(group: str) -> None:
    assert isinstance(answer(person("bob", group)), Denied)


def test_the_same_group_at_another_provider_gives_nothing() -> None:
    assert isinstance(answer(person("alice", "Developers", provider="other")), Denied)


def test_a_rule_without_that_role_gives_another_role_only() -> None:
    assert isinstance(answer(person("alice", "Developers"), arn=ADMIN), Denied)


def test_a_role_that_exists_and_one_that_does_not_are_refused_in_the_same_words() -> None:
    there, not_there = (answer(person("bob", "Staff"), arn=arn) for arn in (ADMIN, NOWHERE))
    assert isinstance(there, Denied)
    assert isinstance(not_there, Denied)
    assert there.reason == not_there.reason
    assert there.sentence.replace("Admin", "Nowhere") == not_there.sentence


def test_a_refusal_says_what_was_considered_for_the_people_who_run_it() -> None:
    denied = answer(person("bob", "Staff"), a_rule("Developers"), a_rule("Staff", id="b", provider="other"))
    assert isinstance(denied, Denied)
    assert denied.considered == (
        "developers: needs one of the groups Developers",
        "b: is for people of the provider other",
    )


@pytest.mark.parametrize(("left", "given_out"), [(SECOND, True), (timedelta(0), False), (-SECOND, False)])
def test_a_rule_ends_at_the_moment_at_which_it_expires(left: timedelta, given_out: bool) -> None:
    rule = a_rule("Developers", expires=NOW + left)
    assert isinstance(answer(person("alice", "Developers"), rule), Granted) is given_out


def test_the_end_of_a_rule_is_told_in_utc_wherever_it_was_written() -> None:
    expires = (NOW - timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))
    denied = answer(person("alice", "Developers"), a_rule("Developers", expires=expires))
    assert isinstance(denied, Denied)
    assert denied.considered == ("developers: expired on 2026-11-21 11:00 UTC",)


@pytest.mark.parametrize(
    ("attributes", "given_out"),
    [
        ({"department": ("Payments",), "site": ("Bonn", "Oslo")}, True),
        ({"department": ("Payments",)}, False),
        ({"department": ("payments",), "site": ("Oslo",)}, False),
        ({"department": (), "site": ("Oslo",)}, False),
        ({}, False),
    ],
)
def test_all_attributes_of_a_rule_must_match(attributes: dict[str, tuple[str, ...]], given_out: bool) -> None:
    wanted = {"department": frozenset({"Payments", "Sales"}), "site": frozenset({"Oslo"})}
    rule = a_rule("Developers", attributes=wanted)
    assert isinstance(answer(person("alice", "Developers", attributes=attributes), rule), Granted) is given_out


def test_a_group_that_names_account_and_role_gives_that_role_and_no_other() -> None:
    rule = a_rule(group_pattern=GroupPattern(r"aws-(?P<account>\d{12})-(?P<role>\w+)"), roles=frozenset())
    alice = person("alice", "aws-999999999999-UpdateApp", "aws-111111111111-Admin", "aws-999999999999-Nowhere")
    granted = answer(alice, rule)
    assert isinstance(granted, Granted)
    assert granted.group == "aws-999999999999-UpdateApp"
    for arn in (ADMIN, NOWHERE):
        assert isinstance(answer(alice, rule, arn=arn), Denied)


@pytest.mark.parametrize(
    ("role", "more", "reason"),
    [
        ({"cli": False}, {}, "purpose"),
        ({"require_mfa": True}, {}, "mfa"),
        ({"require_mfa": True}, {"mfa": True}, ""),
        ({"fresh_minutes": 10}, {"authenticated_at": NOW - timedelta(minutes=10)}, ""),
        ({"fresh_minutes": 10}, {"authenticated_at": NOW - timedelta(minutes=10) - SECOND}, "fresh"),
        ({"fresh_minutes": 10}, {"verified_at": NOW, "authenticated_at": NOW - timedelta(days=1)}, "fresh"),
        ({"tags": {"T": "{attribute.costCenter}"}}, {}, "tags"),
        ({"tags": {"T": "{attribute.costCenter}"}}, {"attributes": {"costCenter": ("1", "2")}}, "tags"),
        ({"tags": {"T": "{attribute.costCenter}"}}, {"attributes": {"costCenter": ("4711",)}}, ""),
        ({"tags": {"T": "{attribute.costCenter}"}}, {"attributes": {"costCenter": ("a;b",)}}, "tags"),
        ({"tags": {"T": "{attribute.costCenter}"}}, {"attributes": {"costCenter": ("x" * 257,)}}, "tags"),
        ({"tags": {"T": "{attribute.a}"}}, {"attributes": {"a": ("{attribute.b}",), "b": ("secret",)}}, "tags"),
    ],
)
def test_the_limits_of_a_role_hold_for_everybody(role: dict[str, Any], more: dict[str, Any], reason: str) -> None:
    found = answer(person("alice", "Developers", **more), **role)
    assert (found.reason if isinstance(found, Denied) else "") == reason


def test_tags_are_filled_from_the_persons_attributes() -> None:
    alice = person("alice", "Developers", attributes={"costCenter": ("4711",), "department": ("Payments",)})
    granted = answer(alice, tags={"Who": "{attribute.department}/{attribute.costCenter}", "Team": "payments"})
    assert isinstance(granted, Granted)
    assert dict(granted.grant.tags) == {"Team": "payments", "Who": "Payments/4711"}


def test_every_sentence_ends_as_a_sentence() -> None:
    bob = person("bob", "Staff")
    roles: list[dict[str, Any]] = [{"cli": False}, {"require_mfa": True}, {"tags": {"T": "{attribute.x}"}}]
    for found in [answer(bob), *(answer(bob, a_rule("Staff"), **role) for role in roles)]:
        assert isinstance(found, Denied)
        assert found.sentence[0].isupper()
        assert found.sentence.endswith(".")


GROUPS = st.frozensets(st.sampled_from(["Developers", "Staff", "Admins", "aws-999999999999-Admin"]))
RULES = st.lists(
    st.builds(
        a_rule,
        st.sampled_from(["Developers", "Staff", "Admins"]),
        provider=st.sampled_from(["corp", "other"]),
        roles=st.frozensets(st.sampled_from([UPDATE_APP, ADMIN])),
        group_pattern=st.sampled_from([None, None, GroupPattern(r"aws-(?P<account>\d{12})-(?P<role>\w+)")]),
        expires=st.sampled_from([None, NOW, NOW + SECOND]),
    ),
    max_size=4,
)


@given(GROUPS, RULES, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_the_list_of_roles_is_exactly_what_decide_would_give(
    groups: frozenset[str], rules: list[Any], console: bool, cli: bool, needs_mfa: bool, mfa: bool
) -> None:
    roles = [a_role(console=console, cli=cli, require_mfa=needs_mfa), a_role(ADMIN, label="Admin")]
    catalog = a_catalog(roles, rules)
    alice = person("alice", *groups, mfa=mfa)
    given_out = {
        role.arn
        for role in roles
        for purpose in Purpose
        if isinstance(decide(alice, catalog, role.arn, purpose, NOW), Granted)
    }
    assert [grant.role.arn for grant in entitlements(alice, catalog, NOW)] == [
        arn for arn in (ADMIN, UPDATE_APP) if arn in given_out
    ]


def test_a_list_of_many_roles_asks_each_rule_once_and_not_once_for_each_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand roles, each with a rule of its own, took seconds for everybody with a few hundred groups."""
    arns = [f"arn:aws:iam::999999999999:role/Role{number}" for number in range(100)]
    rules = [a_rule(arn, id=arn, roles=frozenset({RoleArn(arn)})) for arn in arns]
    asked, why_not = [], Rule.why_not

    def counted(rule: Rule, identity: Identity, now: datetime) -> str:
        asked.append(rule.id)
        return why_not(rule, identity, now)

    monkeypatch.setattr(Rule, "why_not", counted)
    grants = entitlements(person("alice", *arns), a_catalog([a_role(arn) for arn in arns], rules), NOW)
    assert {grant.role.arn for grant in grants} == set(arns)
    assert len(asked) == len(rules)


def test_a_pattern_never_gives_a_role_whose_mapping_aws_does_not_enforce() -> None:
    rule = a_rule(group_pattern=GroupPattern(r"aws-(?P<account>\d{12})-(?P<role>\w+)"), roles=frozenset())
    alice = person("alice", "aws-999999999999-UpdateApp")
    role = Role(RoleArn("arn:aws:iam::999999999999:role/UpdateApp"), "Update", Method.SAML)
    assert rule.gives(alice, role) == "aws-999999999999-UpdateApp"
    assert rule.gives(alice, replace(role, assertion=Assertion.PASSTHROUGH)) == ""
