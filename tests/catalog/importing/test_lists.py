"""aws-auth, and lists of one's own."""

from __future__ import annotations

import pytest

from app.catalog.entries import Kind
from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import DEVELOPER, READ_ONLY, from_file, given, imported, named


def test_aws_auth_gives_its_groups_except_those_of_kubernetes() -> None:
    found = from_file("aws-auth", "aws-auth.yaml")
    assert given(found) == {"developers": [DEVELOPER]}
    assert [line.partition(":")[0] for line in found.skipped] == ["mapUsers", "entry 1", "entry 1"]
    assert "becomes inside the cluster" in found.notes[0]


def test_a_list_keeps_the_zero_with_which_an_account_begins() -> None:
    found = from_file("aws-auth", "list.yaml")
    assert given(found) == {
        "developers": ["arn:aws:iam::012345670123:role/Developer"],
        "auditors": [READ_ONLY],
        "finance, and law": [READ_ONLY],
    }
    assert found.notes == ()


def test_csv_keeps_commas_in_quotes() -> None:
    found = from_file("csv", "list.csv")
    assert given(found) == {"developers": [DEVELOPER, READ_ONLY], "finance, and law": [READ_ONLY]}
    assert list(named(found, Kind.ROLE)) == [DEVELOPER, READ_ONLY]


def test_csv_with_arns() -> None:
    assert given(imported("csv", f"rolearn,group\n{READ_ONLY},ops\n")) == {"ops": [READ_ONLY]}


def test_lines_that_do_not_fit_are_named() -> None:
    found = imported("csv", "group,account,role\nops,1,X\nops\nops,111111111111,A,B\n,111111111111,X\n")
    assert not found.entries
    assert [line.partition(":")[0] for line in found.skipped] == ["line 2", "line 3", "line 4", "line 5"]


@pytest.mark.parametrize(
    "text", ["a,b\n1,2", "x", '"', 'group,account,role\n"a', "group,account,role\n" + "x" * 200_000]
)
def test_what_is_no_such_csv_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        imported("csv", text)


@pytest.mark.parametrize("text", ["a: b", "words", "mapRoles: {a: b}", "data: {mapRoles: '{'}"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        imported("aws-auth", text)


def test_an_entry_that_says_two_accounts_is_left_out() -> None:
    found = imported("aws-auth", f"- {{group: ops, account: '999999999999', role: '{DEVELOPER}'}}")
    assert not found.entries
    assert found.skipped == ("entry 1: expected groups and a role",)
