"""`python -m app.catalog`, as its operator types it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.audit import JournalFiles
from app.catalog.__main__ import run
from app.catalog.editing import Editing
from app.catalog.known import Known
from app.catalog.versions import Versions
from app.database.engine import Database
from app.errors import ConfigurationProblems, InvalidRequest, NotFound

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent
EXAMPLE = (ROOT / "config" / "catalog.example.toml").read_text("utf-8")


@pytest.fixture
def editing(tmp_path: Path) -> Editing:
    versions = Versions(Database(f"sqlite:///{tmp_path}/fedgate.db"), lambda: NOW)
    known = Known(frozenset({"corp", "okta"}), {})
    return Editing(versions, lambda: known, JournalFiles(tmp_path / "audit", lambda: NOW))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text(EXAMPLE)
    return path


def typed(capsys: pytest.CaptureFixture[str], editing: Editing, *words: object) -> tuple[int, str]:
    code = run(editing, [str(word) for word in words])
    return code, capsys.readouterr().out


def test_a_file_is_planned_applied_and_exported_as_it_was(
    editing: Editing, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(capsys, editing, "plan", file) == (1, "".join(f"+ {key}\n" for key in keys(EXAMPLE)))
    assert typed(capsys, editing, "apply", file, "first")[1].endswith("The catalog is now version 1.\n")
    _, exported = typed(capsys, editing, "export")
    file.write_text(exported)
    assert typed(capsys, editing, "plan", file) == (0, "Nothing differs.\n")
    assert keys(exported) == keys(EXAMPLE)


def test_a_change_is_shown_field_by_field_and_can_be_taken_back(
    editing: Editing, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(capsys, editing, "apply", file, "first")
    file.write_text(EXAMPLE.replace('name = "Development"', 'name = "Dev"'))
    shown = '~ account 111111111111\n    name: "Development" -> "Dev"\n'
    assert typed(capsys, editing, "plan", file) == (1, shown)
    typed(capsys, editing, "apply", file, "shorter")
    assert typed(capsys, editing, "compare", 1, 2) == (1, shown)
    typed(capsys, editing, "restore", 1, "people did not know it")
    assert typed(capsys, editing, "compare", 1, 3) == (0, "Nothing differs.\n")
    _, history = typed(capsys, editing, "history")
    assert [line.rpartition("  ")[2].strip() for line in history.splitlines()] == [
        "people did not know it (version 1 again)",
        "shorter",
        "first",
    ]


def test_a_catalog_with_problems_is_refused_with_the_names_of_its_entries(editing: Editing, file: Path) -> None:
    file.write_text(EXAMPLE.replace('provider = "corp"', 'provider = "elsewhere"'))
    with pytest.raises(ConfigurationProblems) as found:
        run(editing, ["apply", str(file), "because"])
    assert "rule developers: provider: there is no provider elsewhere in gateway.toml" in found.value.problems
    assert editing.versions.newest() == 0


def test_a_change_without_a_reason_or_without_a_difference_is_not_saved(editing: Editing, file: Path) -> None:
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(InvalidRequest, match="Say why"):
            run(editing, ["apply", str(file), reason])
    run(editing, ["apply", str(file), "first"])
    with pytest.raises(InvalidRequest, match="Nothing was saved"):
        run(editing, ["apply", str(file), "again"])
    assert editing.versions.newest() == 1


def test_a_change_is_in_the_journal_before_it_counts(editing: Editing, file: Path, tmp_path: Path) -> None:
    run(editing, ["apply", str(file), "ticket 12"])
    (journal,) = (tmp_path / "audit").glob("audit-*.jsonl")
    assert '"kind":"catalog.changed"' in journal.read_text()
    assert "ticket 12" in journal.read_text()


def test_a_version_that_is_not_there_cannot_be_restored(editing: Editing) -> None:
    with pytest.raises(NotFound):
        run(editing, ["restore", "7", "because"])


@pytest.mark.parametrize(
    "words",
    [[], ["bogus"], ["plan"], ["apply", "x"], ["compare", "1", "x"], ["restore", "-1", "y"], ["export", "1", "2"]],
)
def test_wrong_usage_shows_how_it_is_used(
    editing: Editing, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(editing, words) == 2
    assert "restore NUMBER REASON" in capsys.readouterr().err


def keys(text: str) -> list[str]:
    tables = tomllib.loads(text)
    return [
        f"{kind} {entry['arn' if kind == 'role' else 'id']}"
        for kind in ("account", "role", "rule")
        for entry in tables[kind]
    ]
