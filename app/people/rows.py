"""People as the table has them: the columns provider, subject, name, groups, attributes, seen_at, in this order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.core.identity import Identity, Person
from app.core.remembered import Remembered
from app.database.tables import MOST_OF_A_NAME


def values(identity: Identity) -> dict[str, str]:
    """The columns that a provider's word changes."""
    return {
        "name": storable(identity.name),
        "groups": json.dumps(sorted(identity.groups)),
        "attributes": json.dumps({name: list(held) for name, held in sorted(identity.attributes.items())}),
    }


def storable(text: str) -> str:
    """Half a surrogate pair can come out of JSON, and a NUL; databases take neither, nor more than the column has."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")[:MOST_OF_A_NAME]


def read_people(rows: Iterable[Any]) -> list[Remembered]:
    """Groups of fifty thousand people are read as one list: that many small texts take four times as long."""
    found = list(rows)
    groups = _read([row[3] for row in found])
    texts = list({row[4] for row in found})
    attributes = dict(zip(texts, map(_attributes, _read(texts)), strict=True))
    return [
        Remembered(Person(row[0], row[1]), row[2], frozenset(held), attributes[row[4]], row[5])
        for row, held in zip(found, groups, strict=True)
    ]


def _read(texts: Sequence[str]) -> list[Any]:
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def _attributes(said: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in said.items()}
