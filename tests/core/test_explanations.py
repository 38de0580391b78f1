"""What is said about a decision agrees with it, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from app.core.decisions import CatalogView, Denied, Granted, Purpose, decide
from app.core.explanations import explain
from app.core.group_patterns import GroupPattern
from app.core.powerful import why_powerful
from app.core.remembered import Remembered
from app.core.roles import Assertion, RoleArn
from tests.core.people import NOW, UPDATE_APP, a_catalog, a_role, a_rule, person
from tests.core.test_effects import ARNS, catalogs, crowds


@settings(max_examples=150, deadline=None)
@given(view=catalogs, crowd=crowds)
def test_each_rule_gives_the_role_where_all_that_it_asks_for_holds(view: CatalogView, crowd: list[Remembered]) -> None:
    for identity in (who.as_if_now(NOW) for who in crowd):
        for arn in ARNS:
            found = explain(identity, view, arn, NOW)
            if found is None:
                assert arn not in view.roles
                continue
            for one in found.considered:
                assert bool(one.gives) == all(check.holds for check in one.checks), one
            for purpose in Purpose:
                assert found.answers[purpose] == decide(identity, view, arn, purpose, NOW)
            assert found.others + len(found.considered) == len(view.rules)
            if found.granted is not None:
                assert found.giving is not None
                assert found.giving.rule.id == found.granted.rule


def test_no_pattern_is_about_a_role_that_none_gives() -> None:
    """A person who asks would be told to get into a group that gives them nothing."""
    passed = replace(a_role(), assertion=Assertion.PASSTHROUGH)
    rule = replace(a_rule("dev", "x"), groups=frozenset(), roles=frozenset(), group_pattern=GroupPattern(PATTERN))
    found = explain(person("ana", "hr"), a_catalog([passed], [rule]), UPDATE_APP, NOW)
    assert found is not None
    assert (found.considered, found.others) == ((), 1)


PATTERN = r"aws-(?P<account>\d{12})-(?P<role>\w+)"


def test_everything_that_is_missing_is_told_at_once() -> None:
    rule = a_rule("dev", "ops", attributes={"site": frozenset({"rome"})}, expires=NOW - timedelta(days=1))
    who = person("ana", "hr", attributes={"site": ("oslo",)})
    found = explain(who, a_catalog([a_role()], [rule]), UPDATE_APP, NOW)
    assert found is not None
    (one,) = found.considered
    assert [(check.asks, check.holds, check.found) for check in one.checks] == [
        ("for somebody who signs in by corp", True, ""),
        ("to be used before 20 November 2026, 12:00 UTC", False, "it is over"),
        ("for one of the groups dev, ops", False, ""),
        ("for site to be rome", False, "oslo"),
    ]


def test_a_group_of_another_provider_is_another_group() -> None:
    found = explain(person("ana", "dev", provider="okta"), a_catalog([a_role()], [a_rule("dev")]), UPDATE_APP, NOW)
    assert found is not None
    assert [check.holds for check in found.considered[0].checks] == [False, False]


def test_a_sign_in_that_would_mend_it_is_the_refusal_that_is_told() -> None:
    view = a_catalog([a_role(require_mfa=True, console=False)], [a_rule("dev")])
    found = explain(person("ana", "dev"), view, UPDATE_APP, NOW)
    assert found is not None
    assert found.denied is not None
    assert found.denied.reason == "mfa"


def test_a_role_for_the_command_line_alone_is_granted() -> None:
    found = explain(person("ana", "dev"), a_catalog([a_role(console=False)], [a_rule("dev")]), UPDATE_APP, NOW)
    assert found is not None
    assert isinstance(found.granted, Granted)
    assert isinstance(found.answers[Purpose.CONSOLE], Denied)
    assert found.denied is None


def test_roles_look_powerful_by_name_by_policy_or_because_somebody_said_so() -> None:
    def named(name: str, **more: object) -> str:
        return why_powerful(a_role(RoleArn(f"arn:aws:iam::111111111111:role/{name}"), label=name, **more))

    for name in ("Admin", "NetworkAdministrators", "poweruser", "Power-User", "root", "break-glass", "FullAccess"):
        assert "part of its name" in named(name), name
    for name in ("Developer", "Rooting", "Grassroots", "ReadOnly"):
        assert named(name) == "", name
    assert named("Ops", sensitive=True) == "it is marked sensitive"
    administrator = ("arn:aws:iam::aws:policy/AdministratorAccess",)
    assert named("Ops", policy_arns=administrator) == "its session policy is AdministratorAccess"
