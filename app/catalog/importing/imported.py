"""What goes into an importer and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog.entries import Entries
from app.errors import ConfigurationProblems

LARGEST = 32 * 1024 * 1024  # characters; as much as a catalog.toml may have


@dataclass(frozen=True, slots=True)
class Source:
    """A file of another tool, and for whose people it is: the provider's id in gateway.toml.

    `groups` are the company's groups by name, for formats that know them only by a pattern.
    """

    text: str
    provider: str
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) > LARGEST:
            raise ConfigurationProblems([f"the file: is larger than {LARGEST // 2**20} MiB"])
        if not self.text.strip():
            raise ConfigurationProblems(["the file: is empty"])


@dataclass(frozen=True, slots=True)
class Imported:
    """`entries` lack what only the catalog can know: a role's method, an account's defaults (see `joining`).

    `notes` say what to know and to do; `skipped` name the places of the source that did not become entries, and why.
    """

    entries: Entries
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
