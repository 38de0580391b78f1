"""People as the table has them: the columns provider, subject, name, groups, attributes, seen_at, in this order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.core.identity import Identity, Person
from app.core.remembered import Remembered

_LONGEST = 255  # characters


def values(identity: Identity) -> dict[str, str]:
    """The columns that a provider's word changes."""
    return {
        "name": storable(identity.name),
        "groups": json.dumps(sorted(identity.groups)),
        "attributes": json.dumps({name: list(held) for name, held in sorted(identity.attributes.items())}),
    }


def storable(text: str) -> str:
    """Half a surrogate pair can come out of JSON, and a NUL; databases take neither, nor more than the column has."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")[:_LONGEST]


def read_people(rows: Iterable[Any]) -> Iterator[Remembered]:
    return _Reading().people(rows)


class _Reading:
    """Texts that many people share are read once."""

    def __init__(self) -> None:
        self._groups: dict[str, frozenset[str]] = {}
        self._attributes: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._names: dict[str, str] = {}

    def people(self, rows: Iterable[Any]) -> Iterator[Remembered]:
        for provider, subject, name, groups, attributes, seen_at in rows:
            yield Remembered(
                Person(provider, subject), name, self._read_groups(groups), self._read_attributes(attributes), seen_at
            )

    def _read_groups(self, text: str) -> frozenset[str]:
        found = self._groups.get(text)
        if found is None:
            one = self._names.setdefault
            found = self._groups[text] = frozenset(one(name, name) for name in json.loads(text))
        return found

    def _read_attributes(self, text: str) -> Mapping[str, tuple[str, ...]]:
        found = self._attributes.get(text)
        if found is None:
            found = self._attributes[text] = {name: tuple(values) for name, values in json.loads(text).items()}
        return found
