"""ConsoleMe's tags and its group mapping."""

from __future__ import annotations

import json

import pytest

from app.catalog.entries import Kind
from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import DEVELOPER, READ_ONLY, from_file, given, imported, named

DEPLOY = "arn:aws:iam::999999999999:role/ci/Deploy"


def tagged(**roles: str) -> str:
    """Roles of Development by name, each with its `consoleme-authorized`."""
    return json.dumps(
        {
            "RoleDetailList": [
                {
                    "Arn": f"arn:aws:iam::111111111111:role/{name}",
                    "Tags": [{"Key": "consoleme-authorized", "Value": value}],
                }
                for name, value in roles.items()
            ]
        }
    )


def test_groups_of_a_tag_are_given_the_role() -> None:
    found = from_file("consoleme", "consoleme-roles.json")
    assert given(found) == {"developers": [DEVELOPER], "platform@example.com": [DEVELOPER], "builders": [DEPLOY]}
    assert list(named(found, Kind.ACCOUNT)) == ["111111111111", "999999999999"]
    assert list(named(found, Kind.ROLE)) == [DEVELOPER, DEPLOY]


def test_a_role_that_everybody_had_for_the_cli_only_has_no_console() -> None:
    roles = named(from_file("consoleme", "consoleme-roles.json"), Kind.ROLE)
    assert roles[DEPLOY] == {"arn": DEPLOY, "console": False}
    assert roles[DEVELOPER] == {"arn": DEVELOPER}


def test_who_had_the_cli_only_does_not_gain_the_console_that_others_have() -> None:
    found = from_file("consoleme", "consoleme-roles.json")
    assert DEVELOPER not in given(found)["builders"]
    (told,) = [line for line in found.skipped if "builders" in line]
    assert "for the CLI only" in told


def test_what_may_be_a_person_and_which_tags_were_not_read_is_told() -> None:
    notes = " ".join(from_file("consoleme", "consoleme-roles.json").notes)
    assert "'platform@example.com': ConsoleMe writes people" in notes
    assert "'consoleme-owner-dl': Tags that were not read" in notes


def test_the_cache_of_roles_is_read_as_it_lies_in_redis() -> None:
    assert given(from_file("consoleme", "consoleme-cache.json")) == {"developers": [DEVELOPER]}


def test_roles_without_tags_are_not_taken_for_roles_that_nobody_has() -> None:
    found = imported("consoleme", json.dumps({"Roles": [{"Arn": DEVELOPER, "RoleName": "Developer"}]}))
    assert not found.entries
    assert "get-account-authorization-details" in found.notes[0]


def test_the_dynamic_configuration_maps_groups() -> None:
    found = from_file("consoleme", "consoleme-dynamic.yaml")
    audit = "arn:aws:iam::999999999999:role/Audit"
    both = [DEVELOPER, READ_ONLY]
    assert given(found) == {"developers": both, "auditors": [READ_ONLY, audit], "platform": both}
    assert named(found, Kind.ROLE)[audit]["console"] is False


def test_what_a_group_is_given_otherwise_is_told() -> None:
    found = imported("consoleme", f"group_mapping:\n  ops:\n    roles: [{DEVELOPER}]\n    apps: [x]\n  empty:\n")
    assert list(given(found)) == ["ops"]
    assert found.skipped == (
        "group_mapping, 'ops': 'apps' has no equal here",
        "group_mapping, 'empty': gives no roles",
    )


@pytest.mark.parametrize("text", ["[]", "{}", "[1]", '{"Roles": 7}', "auth: {}", "just words", "- a\n- b"])
def test_what_is_nothing_of_consoleme_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        imported("consoleme", text)


def test_two_roles_that_differ_by_case_are_both_left_out() -> None:
    found = imported("consoleme", tagged(Deploy="ops", deploy="everybody", Other="ops"))
    assert given(found) == {"ops": ["arn:aws:iam::111111111111:role/Other"]}
    assert len(found.skipped) == 2


@pytest.mark.parametrize("group", ["a.*", "(x)+", "a, b", "c\\d", "[z]", "{1}", "é", "x" * 200])
def test_a_group_is_a_name_and_never_an_expression(group: str) -> None:
    found = imported("consoleme", tagged(Developer=group))
    assert given(found) == {group: [DEVELOPER]}
    ((rule_id, _),) = named(found, Kind.RULE).items()
    assert len(rule_id) <= 80


def test_groups_of_nearly_the_same_name_have_rules_of_their_own() -> None:
    names = ["a b", "a-b", "a_b", "A b", "a  b"]
    assert len(named(imported("consoleme", tagged(Developer=":".join(names))), Kind.RULE)) == len(names)


@pytest.mark.parametrize("group", ["", "a\x00b", "a\nb", "\u202eadmins", "x" * 257])
def test_a_group_that_nobody_could_read_is_left_out(group: str) -> None:
    found = imported("consoleme", tagged(Developer=group))
    assert not given(found)
    assert found.skipped
    assert all(line.isprintable() for line in found.skipped)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws-iso:iam::111111111111:role/X",
        "arn:aws:sts::111111111111:assumed-role/X/y",
        "arn:aws:iam::1111:role/X",
        "arn:aws:iam::111111111111:user/X",
        "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
        "arn:aws:iam::111111111111:role/AWSReservedSSO_Admin_0123456789abcdef",
        "arn:aws:iam::111111111111:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
        "arn:aws:iam::111111111111:role/" + "x" * 100_000,
    ],
)
def test_what_is_no_role_that_the_gateway_could_take_is_told(arn: str) -> None:
    found = imported("consoleme", f"group_mapping:\n  ops:\n    roles: ['{arn}']\n")
    assert not found.entries
    assert len(found.skipped) == 1
    assert len(found.skipped[0]) < 400


def test_the_other_partitions_are_read() -> None:
    china = "arn:aws-cn:iam::111111111111:role/X"
    found = imported("consoleme", f"group_mapping:\n  ops:\n    roles: ['{china}']\n")
    assert named(found, Kind.ACCOUNT)["111111111111"]["partition"] == "aws-cn"


def test_an_account_in_two_partitions_is_left_out() -> None:
    found = imported(
        "consoleme", f"group_mapping:\n  ops:\n    roles: ['{DEVELOPER}', 'arn:aws-cn:iam::111111111111:role/X']\n"
    )
    assert not found.entries
