"""What entries and differences say, in words. A page shows these; the JSON API has the values themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.admin.catalog.fields import FIELDS, How, label
from app.admin.catalog.present import role_name
from app.catalog.differences import UNSAID, Change, Difference, FieldChange
from app.catalog.entries import NAMED_BY, Kind


@dataclass(frozen=True, slots=True)
class Line:
    """What of a field goes and what comes; both empty for nothing to tell."""

    label: str
    gone: Sequence[str]
    come: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """A difference as a page shows it. `title` is a sentence's beginning: `New rule developers`."""

    difference: Difference
    title: str
    lines: Sequence[Line]


def told(difference: Difference) -> Told:
    kind, name = difference.key.kind, difference.key.name
    begins = {Change.ADDED: "New", Change.CHANGED: "Changed", Change.REMOVED: "Removed"}[difference.change]
    title = f"{begins} {kind} {role_name(name) if kind is Kind.ROLE else name}"
    fields = [field for field in difference.fields if field.field != NAMED_BY[kind] or kind is Kind.ROLE]
    return Told(difference, title, [line for field in fields for line in _lines(kind, field)])


def _lines(kind: Kind, field: FieldChange) -> list[Line]:
    """A table (`defaults`, `base`) is told field by field, as its form shows it."""
    inside = {one.name for one in FIELDS[kind] if one.name.startswith(f"{field.field}.")}
    if not inside:
        gone, come = set_apart(field.before, field.after)
        name = label(kind, field.field)
        return [Line(name, values(kind, field.field, gone), values(kind, field.field, come))]
    before, after = field.before or {}, field.after or {}
    found = []
    for name in dict.fromkeys((*after, *before)):
        if before.get(name) != after.get(name):
            one = FieldChange(f"{field.field}.{name}", before.get(name, UNSAID), after.get(name, UNSAID))
            found += _lines(kind, one)
    return found


def set_apart(before: Any, after: Any) -> tuple[Any, Any]:
    """Of lists and tables only what is not in both."""
    match before, after:
        case (list() | None, list() | None):
            old, new = before or [], after or []
            gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
            return (gone, come) if gone or come else (old, new)  # the order differs, and nothing else
        case (dict() | None, dict() | None):
            return _only_in(before or {}, after or {}), _only_in(after or {}, before or {})
        case _:
            return before, after


def _only_in(table: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if other.get(name) != value}


def values(kind: Kind, name: str, value: Any) -> list[str]:
    """A field's value in words, one for each thing in it."""
    field = next((one for one in FIELDS[kind] if one.name == name), None)
    match value:
        case None:
            return []
        case bool():
            return ["yes" if value else "no"]
        case list():
            return [str(one) for one in value]
        case dict():
            return [f"{key} = {_joined(one)}" for key, one in value.items()]
        case str() if field is not None and field.how is How.MOMENT:
            return [moment(value)]
        case str() if field is not None and field.choices:
            return [dict(field.choices).get(value, value)]
        case _:
            return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]


def facts(kind: Kind, fields: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Everything that an entry says, by the names of the form."""
    found = []
    for field in FIELDS[kind]:
        table, _, last = field.name.rpartition(".")
        value = (fields.get(table, {}) if table else fields).get(last)
        if value is not None:
            found.append((field.label, values(kind, field.name, value)))
    return found


def moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%d %B %Y, %H:%M} UTC"


def _joined(value: Any) -> str:
    return " or ".join(str(one) for one in value) if isinstance(value, list) else str(value)
