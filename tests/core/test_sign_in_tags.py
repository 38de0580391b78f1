"""What AWS is told of how somebody signed in: by the roles that asked for it, and by no others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.decisions import Denied, Granted, Purpose, decide, entitlements, within_reach
from app.core.needs import Needs
from app.core.roles import Assertion, Method
from app.core.sign_in_tags import is_reserved, is_tagged, room_for_them, sign_in_tags
from app.core.size import percent
from tests.core.people import NOW, UPDATE_APP, a_catalog, a_role, a_rule, person

BOTH: dict[str, Any] = {"require_mfa": True, "fresh_minutes": 15}


def tags_of(role: dict[str, Any], **identity: Any) -> dict[str, str]:
    catalog = a_catalog([a_role(**role)], [a_rule("Developers")])
    answer = decide(person("alice", "Developers", **identity), catalog, UPDATE_APP, Purpose.CLI, NOW)
    assert isinstance(answer, Granted), answer
    return dict(answer.grant.tags)


def test_each_fact_is_told_where_it_was_asked_for() -> None:
    seen = NOW - timedelta(minutes=3)
    assert tags_of(BOTH, mfa=True, authenticated_at=seen) == {
        "fedgate-mfa": "true",
        "fedgate-auth-time": "2026-11-21T11:57:00Z",
    }
    assert tags_of({"require_mfa": True}, mfa=True) == {"fedgate-mfa": "true"}
    assert tags_of({"fresh_minutes": 15}) == {"fedgate-auth-time": "2026-11-21T12:00:00Z"}
    assert tags_of({}, mfa=True) == {}


def test_they_stand_beside_the_operators_own() -> None:
    assert tags_of({"require_mfa": True, "tags": {"Team": "payments"}}, mfa=True) == {
        "Team": "payments",
        "fedgate-mfa": "true",
    }


@pytest.mark.parametrize(
    ("role", "takes"),
    [
        ({"method": Method.SAML}, True),
        ({"method": Method.WEB_IDENTITY}, True),
        ({"method": Method.ASSUME_ROLE}, True),
        ({"method": Method.FEDERATION_TOKEN}, True),
        ({"method": Method.COGNITO, "pool_login": "login.example"}, True),
        ({"method": Method.COGNITO}, False),
        ({"method": Method.SESSION_TOKEN}, False),
        ({"method": Method.SAML, "assertion": Assertion.PASSTHROUGH}, False),
        ({"method": Method.WEB_IDENTITY, "assertion": Assertion.PASSTHROUGH}, False),
    ],
)
def test_only_ways_that_carry_tags_of_ours_carry_them(role: dict[str, Any], takes: bool) -> None:
    wanted = a_role(**role, **BOTH)
    assert (len(sign_in_tags(wanted, person(mfa=True))) == 2, is_tagged(wanted)) == (takes, takes)


def test_nobody_without_the_factor_has_the_tag() -> None:
    assert "fedgate-mfa" not in sign_in_tags(a_role(**BOTH), person())


@pytest.mark.parametrize("key", ["fedgate-mfa", "FEDGATE-MFA", "Fedgate-Auth-Time", "fedgate-auth-time"])
def test_their_names_are_nobody_elses_whatever_the_case(key: str) -> None:
    assert is_reserved(key)


def test_room_is_kept_for_exactly_what_they_take() -> None:
    role = a_role(**BOTH)
    assert percent("", (), room_for_them(role)) == percent("", (), sign_in_tags(role, person(mfa=True))) > 0


def test_they_are_counted_and_never_given_up() -> None:
    """What the operator gave up goes; what says how somebody signed in stays."""
    role = {"tags": {"A": "a" * 210, "B": "b" * 210}, "shorten": ("A", "B"), **BOTH}
    assert set(tags_of(role, mfa=True)) == {"B", "fedgate-mfa", "fedgate-auth-time"}
    full = {"tags": {"A": "a" * 230, "B": "b" * 219}, **BOTH}
    catalog = a_catalog([a_role(**full)], [a_rule("Developers")])
    answer = decide(person("alice", "Developers", mfa=True), catalog, UPDATE_APP, Purpose.CLI, NOW)
    assert isinstance(answer, Denied)
    assert answer.reason == "size"


@given(st.booleans(), st.booleans(), st.sampled_from([None, 1, 15]), st.integers(0, 30))
def test_what_is_within_reach_is_what_is_given_or_would_be(
    needs_mfa: bool, mfa: bool, fresh: int | None, minutes: int
) -> None:
    catalog = a_catalog([a_role(require_mfa=needs_mfa, fresh_minutes=fresh)], [a_rule("Developers")])
    alice = person("alice", "Developers", mfa=mfa, authenticated_at=NOW - timedelta(minutes=minutes))
    ((grant, needs),) = within_reach(alice, catalog, NOW)
    given_now = [found.role.arn for found in entitlements(alice, catalog, NOW)]
    assert (grant.role.arn in given_now) == (not needs)
    assert needs in (Needs(), grant.role.needs)


def test_who_has_no_rule_reaches_nothing_however_they_sign_in() -> None:
    catalog = a_catalog([a_role(**BOTH)], [a_rule("Developers")])
    assert within_reach(person("bob", "Staff"), catalog, NOW) == []
