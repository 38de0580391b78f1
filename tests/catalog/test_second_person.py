"""Which changes need a second person: those that give their author more, and those that touch what is sensitive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.catalog.entries import Entries, Key, Kind, entries
from app.catalog.reading import read_entries
from app.catalog.second_person import touches, widens
from app.catalog.shape import CatalogShape
from app.core.identity import Identity
from app.core.roles import ProviderArn, RoleArn

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRODUCTION = "999999999999"
ADMIN = f"arn:aws:iam::{PRODUCTION}:role/Admin"
READ_ONLY = f"arn:aws:iam::{PRODUCTION}:role/ReadOnly"
CARLA = Identity("corp", "carla", "Carla", frozenset({"Admins", "Staff"}), NOW, NOW)


def catalog(*rules: dict[str, Any], **admin: object) -> Entries:
    shape = {
        "account": [{"id": PRODUCTION, "name": "Production"}],
        "role": [
            {"arn": ADMIN, "method": "assume_role", "sensitive": False, **admin},
            {"arn": READ_ONLY, "method": "assume_role"},
        ],
        "rule": [{"provider": "corp", **rule} for rule in rules],
    }
    return entries(CatalogShape.model_validate(shape))


STAFF: dict[str, Any] = {"id": "staff", "groups": ["Staff"], "roles": [READ_ONLY]}
ADMINS: dict[str, Any] = {"id": "admins", "groups": ["Admins"], "roles": [ADMIN]}
OTHERS: dict[str, Any] = {"id": "others", "groups": ["Developers"], "roles": [ADMIN]}
TONIGHT, NEXT_YEAR = NOW + timedelta(hours=6), NOW + timedelta(days=365)
PATTERN: dict[str, Any] = {"id": "pattern", "group_pattern": r"aws-(?P<account>\d{12})-(?P<role>\w+)"}


def gains(before: Entries, after: Entries, who: Identity = CARLA) -> tuple[str, ...]:
    return widens(who, *(read_entries(one, "", ["corp"]) for one in (before, after)), NOW)


def touched(before: Entries, after: Entries) -> tuple[str, ...]:
    return touches(*(read_entries(one, "", ["corp"]) for one in (before, after)))


def test_carla_gives_others_a_role_and_needs_nobody() -> None:
    assert gains(catalog(STAFF), catalog(STAFF, OTHERS)) == ()


def test_carla_gives_herself_a_role() -> None:
    assert gains(catalog(STAFF), catalog(STAFF, ADMINS)) == ("It would give you the role Admin in Production.",)


def test_carla_puts_a_group_of_hers_beside_another_one() -> None:
    assert gains(catalog(OTHERS), catalog({**OTHERS, "groups": ["Developers", "Staff"]}))


def test_a_pattern_can_give_it_to_her_too() -> None:
    in_it = replace(CARLA, groups=frozenset({f"aws-{PRODUCTION}-Admin"}))
    assert gains(catalog(), catalog(PATTERN), in_it)
    assert gains(catalog(), catalog(PATTERN)) == ()


def test_taking_something_from_herself_needs_nobody() -> None:
    assert gains(catalog(STAFF, ADMINS), catalog(STAFF)) == ()


def test_a_role_that_she_has_by_two_rules_may_lose_one_of_them() -> None:
    twice = {**ADMINS, "id": "again", "groups": ["Staff"]}
    assert gains(catalog(ADMINS), catalog(twice, ADMINS)) == ()
    assert gains(catalog(ADMINS, twice), catalog(twice)) == ()


def test_a_later_end_is_more() -> None:
    tonight, later = ({**ADMINS, "expires": end} for end in (TONIGHT, NEXT_YEAR))
    assert "for longer" in gains(catalog(tonight), catalog(later))[0]
    assert "without an end" in gains(catalog(tonight), catalog(ADMINS))[0]
    assert gains(catalog(later), catalog(tonight)) == ()
    assert gains(catalog({**ADMINS, "expires": NOW}), catalog(tonight))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"max_minutes": 60}, {"max_minutes": 240}),
        ({"require_mfa": True}, {}),
        ({"fresh": 10}, {"fresh": 20}),
        ({"fresh": 10}, {}),
        ({"console": False}, {}),
        ({"cli": False}, {}),
        ({"tags": {"Team": "a"}}, {"tags": {"Team": "b"}}),
        ({"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, {}),
    ],
)
def test_a_limit_of_hers_that_is_loosened(before: dict[str, object], after: dict[str, object]) -> None:
    assert "change its limits" in gains(catalog(ADMINS, **before), catalog(ADMINS, **after))[0]
    assert gains(catalog(OTHERS, **before), catalog(OTHERS, **after)) == (), "nothing of hers"


@pytest.mark.parametrize("base", [{"profile": "stronger"}, {"role": f"arn:aws:iam::{PRODUCTION}:role/Hub"}])
def test_other_credentials_for_a_role_of_hers_are_another_way_in(base: dict[str, str]) -> None:
    before, after = catalog(ADMINS), catalog(ADMINS)
    account = Key(Kind.ACCOUNT, PRODUCTION)
    assert "another way in" in gains(before, {**after, account: {**after[account], "base": base}})[0]


def test_whose_proof_aws_reads_is_a_way_in() -> None:
    view, arn = read_entries(catalog(ADMINS), "", ["corp"]), RoleArn(ADMIN)
    role = view.roles[arn]
    signs = ProviderArn(f"arn:aws:iam::{PRODUCTION}:saml-provider/another")
    for other in (replace(role, provider_arn=signs), replace(role, identity_pool="a"), replace(role, pool_login="a")):
        assert "another way in" in widens(CARLA, view, replace(view, roles={**view.roles, arn: other}), NOW)[0]


def test_a_limit_that_is_tightened_needs_nobody() -> None:
    assert gains(catalog(ADMINS), catalog(ADMINS, max_minutes=30, require_mfa=True, fresh=5, console=False)) == ()


def test_a_role_that_needs_a_second_factor_is_hers_even_before_she_has_shown_one() -> None:
    assert gains(catalog(require_mfa=True), catalog(ADMINS, require_mfa=True))


def test_what_is_not_sensitive_is_touched_by_nothing() -> None:
    assert touched(catalog(STAFF), catalog(OTHERS, max_minutes=30)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (catalog(), catalog(sensitive=True)),
        (catalog(sensitive=True), catalog()),
        (catalog(sensitive=True), catalog(sensitive=True, max_minutes=30)),
        (catalog(sensitive=True), catalog(OTHERS, sensitive=True)),
        (catalog(OTHERS, sensitive=True), catalog({**OTHERS, "groups": ["Staff"]}, sensitive=True)),
        (catalog({**STAFF, "roles": [ADMIN]}, sensitive=True), catalog(STAFF, sensitive=True)),
        (catalog(sensitive=True), catalog(PATTERN, sensitive=True)),
    ],
)
def test_what_is_sensitive_is_touched(before: Entries, after: Entries) -> None:
    assert "marked sensitive" in touched(before, after)[0]


def test_other_rules_beside_a_sensitive_role_are_free() -> None:
    assert touched(catalog(OTHERS, sensitive=True), catalog(OTHERS, STAFF, sensitive=True)) == ()
