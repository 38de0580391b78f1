"""What differs between two versions of the catalog, entry by entry and field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.catalog.entries import Entries, Fields, Key

UNSAID = None  # a field that is not written; TOML and our shapes have no other None


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`before` and `after` as JSON has them; `UNSAID` where the field is not written."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    key: Key
    change: Change
    fields: tuple[FieldChange, ...]


def differences(before: Entries, after: Entries) -> tuple[Difference, ...]:
    """Added and changed entries in the order of `after`, then the removed ones."""
    return tuple(_found(before, after))


def _found(before: Entries, after: Entries) -> Iterator[Difference]:
    for key, fields in after.items():
        if key not in before:
            yield Difference(key, Change.ADDED, changed_fields({}, fields))
        elif fields != before[key]:
            yield Difference(key, Change.CHANGED, changed_fields(before[key], fields))
    for key, fields in before.items():
        if key not in after:
            yield Difference(key, Change.REMOVED, changed_fields(fields, {}))


def changed_fields(before: Fields, after: Fields) -> tuple[FieldChange, ...]:
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        FieldChange(name, before.get(name, UNSAID), after.get(name, UNSAID))
        for name in names
        if before.get(name, UNSAID) != after.get(name, UNSAID)
    )
