"""What deploy/SECURITY.md promises is shown by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.catalogue.table import all_rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "deploy" / "SECURITY.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = sorted(set(re.findall(r"catalogue `([^`]+)`", PAGE)))
ITEMS = """1.3.6 1.5.1 1.5.3 3.3 3.4 3.5.1 3.5.2 3.5.3 3.7.2 6.8.1 6.8.2 6.8.3 6.8.4 7.2.3 7.2.4 7.4 7.6.1 8.2 8.3 8.4.2
9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 10.1.2 10.2.1 10.2.2 10.4 10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 13.3 14.2.1
14.3.2 16.2.5 16.3 16.4 16.5.3""".split()


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[name for _, name in TESTS])
def test_a_test_that_it_names_exists(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text("utf-8")


def test_every_row_of_the_catalogue_that_it_names_exists() -> None:
    ids = [row.id for row in all_rows()]
    assert [start for start in ROWS if not any(name.startswith(start) for name in ids)] == []


def test_every_item_of_the_standard_is_shown_by_something() -> None:
    table = [line for line in PAGE.partition("## OWASP")[2].splitlines() if line.startswith("| ")][1:]
    shown = {item for line in table if "`" in line.split("|")[3] for item in line.split("|")[1].strip().split(", ")}
    assert [item for item in ITEMS if item not in shown] == []
