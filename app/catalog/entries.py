"""A catalog as entries with names, so that two versions of it can be compared and joined.

An entry is its table as written, without what is left at its default: what nobody wrote is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.catalog.shape import CatalogShape
from app.toml_files import Table


class Kind(StrEnum):
    """The tables of the catalog, in the order in which they are written."""

    ACCOUNT = "account"
    ROLE = "role"
    RULE = "rule"


NAMED_BY = {Kind.ACCOUNT: "id", Kind.ROLE: "arn", Kind.RULE: "id"}

Fields = Mapping[str, Any]  # of one entry, as JSON has them


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What an entry is called for good: an account's id, a role's ARN, a rule's id."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


Entries = Mapping[Key, Fields]


def entries(shape: CatalogShape) -> dict[Key, Fields]:
    """In the order of the catalog. The shape has been checked: no name is there twice."""
    tables = fields_of(shape)
    return {Key(kind, str(fields[NAMED_BY[kind]])): fields for kind in Kind for fields in tables.get(kind, ())}


def fields_of(table: Table) -> dict[str, Any]:
    return table.model_dump(mode="json", exclude_defaults=True)


def document(of: Entries) -> dict[str, list[Fields]]:
    """The three tables again, as JSON or TOML has them."""
    found: dict[str, list[Fields]] = {kind.value: [] for kind in Kind}
    for key, fields in of.items():
        found[key.kind].append(fields)
    return {kind: tables for kind, tables in found.items() if tables}
