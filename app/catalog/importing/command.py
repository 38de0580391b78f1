"""`python -m app.catalog import`: what is asked for, and the words about what came of it."""

from __future__ import annotations

import getopt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.importing.formats import FORMATS, read
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.joining import Joined
from app.core.roles import Method
from app.toml_files import read_text

_OPTIONS = ["provider=", "groups=", "method=", "onto=", "as=", "toml", "apply="]
_METHODS = {"saml": Method.SAML, "assume_role": Method.ASSUME_ROLE}
_MOST_TOLD = 200  # of what was left out


@dataclass(frozen=True, slots=True)
class Asked:
    """`onto`: a catalog.toml instead of the newest version. `reason`: why it is applied; None if it is only shown."""

    format: str
    file: str
    provider: str
    groups: str = ""
    method: str = ""
    onto: str = ""
    toml: bool = False
    reason: str | None = None

    def read(self) -> Imported:
        """Raises ConfigurationProblems."""
        groups = read_text(Path(self.groups)).splitlines() if self.groups else []
        names = tuple(dict.fromkeys(line.strip() for line in groups if line.strip()))
        return read(self.format, Source(read_text(Path(self.file)), self.provider, names))

    @property
    def way(self) -> Method:
        """How the gateway gets at roles of accounts that do not say it."""
        return _METHODS[self.method] if self.method else FORMATS[self.format].method


def asked(arguments: Sequence[str]) -> Asked | None:
    """None if that is not how it is used."""
    try:
        options, places = getopt.gnu_getopt(list(arguments), "", _OPTIONS)
    except getopt.GetoptError:
        return None
    said = {name.removeprefix("--"): value for name, value in options}
    if len(places) != 2 or places[0] not in FORMATS or not said.get("provider"):
        return None
    if said.get("as", "merge") != "merge" or said.get("method", "saml") not in _METHODS:
        return None
    if "apply" in said and ("toml" in said or "onto" in said):
        return None  # what is applied becomes a version of the newest catalog, and of nothing else
    return Asked(
        places[0],
        places[1],
        said["provider"],
        said.get("groups", ""),
        said.get("method", ""),
        said.get("onto", ""),
        "toml" in said,
        said.get("apply"),
    )


def told(found: Joined) -> Iterator[str]:
    """Line by line: what to know, and what was left out."""
    yield from found.notes
    if found.skipped:
        yield "Left out:"
    yield from (f"  {line}" for line in found.skipped[:_MOST_TOLD])
    if len(found.skipped) > _MOST_TOLD:
        yield f"  and {len(found.skipped) - _MOST_TOLD} more"
