"""Events as CSV and as JSON lines, one at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

from app.activity import Entry

COLUMNS = (
    "at", "kind", "provider", "subject", "name", "account", "role", "access_key_id", "address", "reference", "line",
)  # fmt: skip
# What a spreadsheet takes for a formula, which could send the sheet's content away (CWE-1236); full-width signs, too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_json(entry: Entry) -> dict[str, object]:
    """The shape of an event in the API and in JSON lines. `at` is UTC, to the microsecond."""
    texts = {name: getattr(entry, name) for name in COLUMNS if name != "at"}
    return {"at": _instant(entry), **texts, "facts": dict(entry.facts)}


def json_lines(found: Iterator[Entry | str]) -> Iterator[str]:
    """A line for each event; a last one with `notice` if the export ends before the search does."""
    for one in found:
        said = {"notice": one} if isinstance(one, str) else as_json(one)
        yield json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n"


def csv_lines(found: Iterator[Entry | str]) -> Iterator[str]:
    """RFC 4180, with a header; the facts as JSON in the last column."""
    yield _row([*COLUMNS, "facts"])
    for one in found:
        yield _row([one]) if isinstance(one, str) else _row(_cells(one))


def _cells(entry: Entry) -> list[str]:
    said = as_json(entry)
    facts = said.pop("facts")
    return [*map(str, said.values()), json.dumps(facts, ensure_ascii=False)]


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(_text_only, cells))
    return line.getvalue()


def _text_only(cell: str) -> str:
    """With an apostrophe in front, spreadsheets take it for text."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _instant(entry: Entry) -> str:
    return entry.at.isoformat(timespec="microseconds").replace("+00:00", "Z")


FORMATS: Mapping[str, tuple[str, str]] = {"csv": ("CSV", "text/csv"), "jsonl": ("JSON lines", "application/jsonl")}
