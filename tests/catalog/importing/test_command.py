"""`python -m app.catalog import`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalog.__main__ import run
from app.catalog.editing import Editing
from app.catalog.entries import Kind
from app.catalog.reading import load_catalog
from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import DEVELOPER, FILES
from tests.catalog.test_command import EXAMPLE, editing, file

__all__ = ["editing", "file"]

ROLES = str(FILES / "consoleme-roles.json")


def test_an_import_is_shown_and_then_applied_once(editing: Editing, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["import", "consoleme", ROLES, "--provider", "corp"]
    assert run(editing, words) == 1
    shown = capsys.readouterr()
    assert "+ rule consoleme-developers\n" in shown.out
    assert "may be people" in shown.err
    assert "Left out:" in shown.err
    assert editing.versions.newest() == 0

    assert run(editing, [*words, "--apply", "from ConsoleMe"]) == 0
    assert editing.versions.version(1).reason == "from ConsoleMe"
    assert any(key.name == DEVELOPER for key in editing.versions.entries(1))
    assert run(editing, words) == 0
    assert "Nothing differs." in capsys.readouterr().out


def test_a_catalog_file_is_written_as_it_would_be(
    editing: Editing, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["import", "csv", str(FILES / "list.csv"), "--provider", "corp", "--onto", str(file), "--toml"]
    assert run(editing, words) == 0
    written = tmp_path / "new.toml"
    written.write_text(capsys.readouterr().out, "utf-8")
    before, after = load_catalog(file, ["corp", "okta"]), load_catalog(written, ["corp", "okta"])
    assert before.accounts == after.accounts
    assert {rule.id for rule in after.rules} >= {"list-developers", *(rule.id for rule in before.rules)}
    assert file.read_text("utf-8") == EXAMPLE


def test_groups_are_given_as_a_list(editing: Editing, tmp_path: Path) -> None:
    groups = tmp_path / "groups.txt"
    groups.write_text("AWS-Dev\n\n  Sales \n")
    rules = str(FILES / "adfs-one-account.txt")
    run(editing, ["import", "adfs", rules, "--provider", "corp", "--groups", str(groups), "--apply", "x"])
    assert [key.name for key in editing.versions.entries(1) if key.kind is Kind.RULE] == ["adfs-AWS-Dev"]


def test_a_provider_that_does_not_exist_is_refused(editing: Editing) -> None:
    with pytest.raises(ConfigurationProblems, match="there is no provider nobody"):
        run(editing, ["import", "consoleme", ROLES, "--provider", "nobody", "--apply", "x"])
    assert editing.versions.newest() == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["consoleme", ROLES],
        ["excel", ROLES, "--provider", "corp"],
        ["consoleme", "--provider", "corp"],
        ["consoleme", ROLES, "--provider", "corp", "--as", "replace"],
        ["consoleme", ROLES, "--provider", "corp", "--method", "cognito"],
        ["consoleme", ROLES, "--provider", "corp", "--toml", "--apply", "x"],
        ["consoleme", ROLES, "--provider", "corp", "--onto", "x", "--apply", "x"],
        ["consoleme", ROLES, "--provider", "corp", "--bogus"],
    ],
)
def test_wrong_usage_shows_how_it_is_used(
    editing: Editing, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(editing, ["import", *words]) == 2
    assert "import FORMAT FILE" in capsys.readouterr().err
