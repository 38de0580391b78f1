"""Between what somebody typed and what an entry says. Nothing that was typed is lost on the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from app.admin.catalog.fields import FIELDS, LITERALS, Field, How
from app.catalog.entries import Fields, Kind, fields_of
from app.catalog.shape import AccountEntry, RoleEntry, RuleEntry
from app.toml_files import Table, expected

Typed = Mapping[str, Sequence[str]]
Problems = dict[str, list[str]]
"""Sentences by the name of the field; under the empty name what belongs to none."""

_SHAPES: Mapping[Kind, type[Table]] = {Kind.ACCOUNT: AccountEntry, Kind.ROLE: RoleEntry, Kind.RULE: RuleEntry}


def as_typed(kind: Kind, fields: Fields) -> dict[str, list[str]]:
    """An entry as its form shows it."""
    return {field.name: _shown(field, _at(fields, field.name)) for field in FIELDS[kind]}


def read(kind: Kind, typed: Typed, was: Fields) -> tuple[Fields, Problems]:
    """The entry; or what is wrong with its shape. Whether it fits the rest of the catalog is for the catalog to say.

    What nobody touched stays as it `was`, to the letter: no form shows the difference of two line breaks.
    """
    fields: dict[str, Any] = {}
    problems: Problems = {}
    for field in FIELDS[kind]:
        texts = _tidy(typed.get(field.name, ()))
        value = _at(was, field.name)
        try:
            value = value if texts == _tidy(_shown(field, value)) else _value(field, texts)
        except ValueError as problem:
            problems[field.name] = [str(problem)]
            continue
        if value is not None:
            table, _, name = field.name.rpartition(".")
            (fields.setdefault(table, {}) if table else fields)[name] = value
    return shaped(kind, fields, problems)


def shaped(kind: Kind, fields: Fields, problems: Problems | None = None) -> tuple[Fields, Problems]:
    """As the catalog keeps it: what is left at its default is not written."""
    found = problems or {}
    try:
        entry = _SHAPES[kind].model_validate_json(json.dumps(fields))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            field = _field(kind, ".".join(str(part) for part in one["loc"]))
            if field not in found:
                found.setdefault(field, []).append(expected(one, _SHAPES[kind]))
        return fields, found
    return fields_of(entry), found


def by_field(kind: Kind, name: str, sentences: Sequence[str]) -> Problems:
    """The catalog's own sentences (`rule developers: groups: ...`), beside the fields that they speak of."""
    found: Problems = {}
    for sentence in sentences:
        ours, start = f"{kind} {name}: ", ""
        if sentence.startswith(ours):
            start, _, rest = sentence.removeprefix(ours).partition(": ")
            found.setdefault(_field(kind, start), []).append(rest)
        else:
            found.setdefault("", []).append(sentence)
    return found


def _tidy(texts: Sequence[str]) -> list[str]:
    """Browsers send line breaks as CR LF, whatever they were given (HTML, 4.10.21.4)."""
    return [text.replace("\r\n", "\n").strip() for text in texts if text.strip()]


def _field(kind: Kind, key: str) -> str:
    """`attributes.department` is typed into `attributes`, `roles[2]` into `roles`."""
    names = [field.name for field in FIELDS[kind]]
    fitting = [name for name in names if key == name or key.startswith((f"{name}.", f"{name}["))]
    below = [name for name in names if name.startswith(f"{key}.")]
    return (fitting or below or [""])[0]


def _at(fields: Fields, name: str) -> Any:
    table, _, last = name.rpartition(".")
    found = fields.get(table, {}) if table else fields
    return found.get(last)


def _shown(field: Field, value: Any) -> list[str]:
    match field.how, value:
        case _, None:
            return []
        case How.TICK, _:
            return ["on"] if value else []
        case How.YES_NO, _:
            return ["yes" if value else "no"]
        case How.LIST, _:
            return [str(one) for one in value]
        case How.PAIRS, _:
            return ["\n".join(f"{name} = {one}" for name, one in value.items())]
        case How.ANY_OF, _:
            return ["\n".join(f"{name} = {one}" for name, many in value.items() for one in many)]
        case How.MOMENT, _:
            return [f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%dT%H:%M:%S}".removesuffix(":00")]
        case _:
            return [str(value)]


def _value(field: Field, texts: Sequence[str]) -> Any:
    """None for what is left empty. Raises ValueError with a sentence."""
    match field.how:
        case How.LIST:
            return list(dict.fromkeys(texts)) or None
        case How.PAIRS:
            return {name: values[-1] for name, values in _lines(texts).items()} or None
        case How.ANY_OF:
            return _lines(texts) or None
        case _ if not texts:
            return None
        case How.TICK:
            return LITERALS.get(field.name, True)
        case How.YES_NO:
            return texts[0] == "yes"
        case How.NUMBER:
            return _number(texts[0])
        case How.MOMENT:
            return _moment(texts[0])
        case _:
            return texts[0]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("expected a whole number")
    return int(text)


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):  # which the first hours of the calendar are in another zone
        raise ValueError("expected a time such as 2027-01-31T18:00") from None


def _lines(texts: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in "\n".join(texts).splitlines():
        if not line.strip():
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name or not value:
            raise ValueError(f"expected NAME = VALUE on each line, got {line.strip()[:60]!r}")
        found.setdefault(name, []).append(value)
    return found
