"""The catalog as it is now, laid out for looking things up. Made once for each version: every page asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.catalog.entries import Entries, Key, Kind, entries
from app.catalog.shape import CatalogShape
from app.catalog.sources import CatalogFile
from app.catalog.versions import Versions
from app.errors import ConfigurationProblems
from app.toml_files import parse_what_fits, read_text

PAGE = 50  # entries


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. `total` counts all that match; `page` begins with 1."""

    keys: Sequence[Key]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Present:
    """`number` is the version's, 0 for a file and before the first version. `texts` are made when somebody searches
    in them: of ten thousand rules they take as long as all the rest of a page."""

    number: int
    entries: Entries
    texts: Callable[[], Mapping[Key, str]]
    giving: Mapping[str, Sequence[Key]]  # a role's ARN: the rules that name it
    patterns: Sequence[Key]  # the rules that name no role but match groups that do
    roles_in: Mapping[str, Sequence[Key]]  # an account's id

    def find(self, query: str, kind: Kind | None, page: int) -> Found:
        """Entries in which every word stands somewhere: in ids, names, labels, ARNs, groups, notes."""
        words = query.lower().split()
        keys = [
            key
            for key, text in self.texts().items()
            if (kind is None or key.kind is kind) and all(word in text for word in words)
        ]
        page = min(max(page, 1), max(1, -(-len(keys) // PAGE)))
        return Found(keys[(page - 1) * PAGE : page * PAGE], len(keys), page)

    def count(self, kind: Kind) -> int:
        return sum(key.kind is kind for key in self.entries)

    def said(self, kind: Kind, name: str) -> Mapping[str, Any]:
        """What an entry says, or nothing."""
        return self.entries.get(Key(kind, name), {})


def present(number: int, found: Entries) -> Present:
    giving: dict[str, list[Key]] = {}
    roles_in: dict[str, list[Key]] = {}
    for key, fields in found.items():
        for arn in fields.get("roles", ()):
            giving.setdefault(arn, []).append(key)
        if key.kind is Kind.ROLE:
            roles_in.setdefault(account_of(key.name), []).append(key)
    patterns = [key for key, fields in found.items() if "group_pattern" in fields]
    names = {key.name: str(fields.get("name", "")) for key, fields in found.items() if key.kind is Kind.ACCOUNT}
    texts = cache(lambda: {key: _text(key, fields, names) for key, fields in found.items()})
    return Present(number, found, texts, giving, patterns, roles_in)


def account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def role_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _text(key: Key, fields: Mapping[str, Any], accounts: Mapping[str, str]) -> str:
    """A role is found by the name of its account, too."""
    account = accounts.get(account_of(key.name), "") if key.kind is Kind.ROLE else ""
    return " ".join((str(key), account, *_strings(fields))).lower()


def _strings(value: object) -> list[str]:
    match value:
        case Mapping():
            return [text for key, one in value.items() for text in (str(key), *_strings(one))]
        case list():
            return [text for one in value for text in _strings(one)]
        case bool():
            return []
        case _:
            return [str(value)]


class Reader:
    """`file` is FEDGATE_CATALOG, if the catalog is that."""

    def __init__(self, versions: Versions, file: Path | None) -> None:
        self.file = file
        self._versions = versions
        self._lock = threading.Lock()
        self._stamp: Hashable = None
        self._present: Present | None = None

    def present(self) -> Present:
        """Raises DatabaseUnavailable, or ConfigurationProblems for a file that cannot be read at all."""
        with self._lock:
            stamp = self._versions.newest() if self.file is None else CatalogFile(self.file).stamp()
            if self._present is None or stamp != self._stamp:
                self._present = self._read(stamp)
                self._stamp = stamp
            return self._present

    def _read(self, stamp: Hashable) -> Present:
        if self.file is None:
            assert isinstance(stamp, int)
            return present(stamp, self._versions.entries(stamp))
        try:
            return present(0, entries(parse_what_fits(read_text(self.file), self.file.name, CatalogShape).tables))
        except ConfigurationProblems:
            return self._present or present(0, {})
