"""The files that other tools write, invented after their documentation, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.catalog.entries import Kind
from app.catalog.importing import Imported, Source, read

FILES = Path(__file__).parent / "files"
DEVELOPER = "arn:aws:iam::111111111111:role/Developer"
READ_ONLY = "arn:aws:iam::999999999999:role/ReadOnly"


def imported(name: str, text: str, groups: tuple[str, ...] = ()) -> Imported:
    return read(name, Source(text, "corp", groups))


def from_file(name: str, file: str, groups: tuple[str, ...] = ()) -> Imported:
    return imported(name, (FILES / file).read_text("utf-8"), groups)


def given(found: Imported) -> dict[str, list[str]]:
    """What each group is given by name."""
    rules = [fields for key, fields in found.entries.items() if key.kind is Kind.RULE and "groups" in fields]
    assert all(len(rule["groups"]) == 1 and rule["provider"] == "corp" for rule in rules)
    return {rule["groups"][0]: rule["roles"] for rule in rules}


def named(found: Imported, kind: Kind) -> dict[str, dict[str, Any]]:
    return {key.name: dict(fields) for key, fields in found.entries.items() if key.kind is kind}


def patterns(found: Imported) -> list[str]:
    return [fields["group_pattern"] for fields in named(found, Kind.RULE).values() if "group_pattern" in fields]
