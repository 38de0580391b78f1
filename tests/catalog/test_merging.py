"""Two admins edit at once: nothing is lost, and what cannot be joined is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.differences import Change, differences
from app.catalog.entries import Entries, Key, Kind
from app.catalog.merging import ENTRY, Conflict, merged

DEVELOPERS, AUDITORS, VISITORS = (Key(Kind.RULE, name) for name in ("developers", "auditors", "visitors"))
RULE: dict[str, Any] = {"id": "developers", "provider": "corp", "groups": ["Developers"], "roles": ["one"]}
BASE: Entries = {DEVELOPERS: RULE}

_fields = st.dictionaries(
    st.sampled_from(["note", "provider", "groups", "roles"]),
    st.one_of(st.text(max_size=2), st.lists(st.sampled_from("abc"), unique=True, min_size=1)),
)
_catalogs = st.dictionaries(st.sampled_from([DEVELOPERS, AUDITORS, VISITORS]), _fields)


def changed(**fields: object) -> Entries:
    return {DEVELOPERS: {**RULE, **fields}}


def test_two_people_change_two_rules_and_both_changes_are_there() -> None:
    auditors = {"id": "auditors", "provider": "corp"}
    found = merged(BASE, changed(note="mine"), {DEVELOPERS: RULE, AUDITORS: auditors})
    assert found.conflicts == ()
    assert found.entries == {DEVELOPERS: {**RULE, "note": "mine"}, AUDITORS: auditors}


def test_two_people_change_two_fields_of_one_rule() -> None:
    found = merged(BASE, changed(note="mine"), changed(provider="okta"))
    assert (found.entries, found.conflicts) == (changed(note="mine", provider="okta"), ())


def test_two_people_add_a_group_each_and_one_takes_one_away() -> None:
    found = merged(BASE, changed(groups=["Platform"]), changed(groups=["Developers", "Auditors"]))
    assert found.entries[DEVELOPERS]["groups"] == ["Auditors", "Platform"]
    assert found.conflicts == ()


def test_the_same_field_made_different_is_a_conflict_that_names_both() -> None:
    found = merged(BASE, changed(provider="okta"), changed(provider="entra"))
    assert found.conflicts == (Conflict(DEVELOPERS, "provider", "okta", "entra"),)


def test_the_same_change_twice_is_no_conflict() -> None:
    assert merged(BASE, changed(note="x"), changed(note="x")).conflicts == ()


@pytest.mark.parametrize(("mine", "theirs"), [({}, changed(note="x")), (changed(note="x"), {})])
def test_a_rule_that_one_removed_and_the_other_changed_is_a_conflict(mine: Entries, theirs: Entries) -> None:
    conflicts = merged(BASE, mine, theirs).conflicts
    assert [(one.key, one.field) for one in conflicts] == [(DEVELOPERS, ENTRY)]
    assert "removed" in (conflicts[0].mine, conflicts[0].theirs)


def test_two_new_rules_of_the_same_name_are_not_mixed() -> None:
    mine, theirs = (
        {VISITORS: {"id": "visitors", "provider": "corp", "groups": [group], "roles": [role]}}
        for group, role in (("Staff", "look"), ("Admins", "everything"))
    )
    assert merged({}, mine, theirs).conflicts == (
        Conflict(VISITORS, "groups", ["Staff"], ["Admins"]),
        Conflict(VISITORS, "roles", ["look"], ["everything"]),
    )


@pytest.mark.parametrize(
    "theirs", [{"groups": ["Developers", "Staff"]}, {"group_pattern": "x"}, {"provider": "okta"}, {"expires": "2027"}]
)
def test_whom_and_what_of_a_rule_are_not_joined_by_two_who_did_not_know_of_each_other(theirs: dict[str, Any]) -> None:
    """Alice lets one more group have it, Carla adds a role: nobody meant that group to have that role."""
    (name,) = theirs
    found = merged(BASE, changed(roles=["one", "admin"], note="mine"), changed(**theirs))
    assert {(one.field, str(one.theirs)) for one in found.conflicts} == {
        (name, str(theirs[name])),
        ("roles", "['one']"),
    }
    assert found.entries[DEVELOPERS]["note"] == "mine"


@given(base=_catalogs, mine=_catalogs)
def test_nobody_else_changed_anything_so_mine_is_what_there_is(base: Entries, mine: Entries) -> None:
    found = merged(base, mine, base)
    assert (found.entries, found.conflicts) == (mine, ())


@given(base=_catalogs, theirs=_catalogs)
def test_i_changed_nothing_so_theirs_stays(base: Entries, theirs: Entries) -> None:
    assert merged(base, base, theirs).entries == theirs


@given(base=_catalogs, mine=_catalogs, theirs=_catalogs)
def test_what_has_no_conflict_holds_both_changes_whoever_saves_first(
    base: Entries, mine: Entries, theirs: Entries
) -> None:
    one, other = merged(base, mine, theirs), merged(base, theirs, mine)
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert _unordered(one.entries) == _unordered(other.entries)


def _unordered(entries: Entries) -> dict[Key, dict[str, object]]:
    return {
        key: {name: sorted(value) if isinstance(value, list) else value for name, value in fields.items()}
        for key, fields in entries.items()
    }


@given(before=_catalogs, after=_catalogs)
def test_differences_lead_from_one_version_to_the_other(before: Entries, after: Entries) -> None:
    rebuilt = dict(before)
    for found in differences(before, after):
        if found.change is Change.REMOVED:
            del rebuilt[found.key]
            continue
        fields = dict(rebuilt.get(found.key, {}))
        for field in found.fields:
            fields.pop(field.field, None)
            if field.after is not None:
                fields[field.field] = field.after
        rebuilt[found.key] = fields
    assert rebuilt == after
