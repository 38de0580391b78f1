"""The catalog as catalog.toml: what is exported here can be read back, by us and by people."""

from __future__ import annotations

import json
from typing import Any

import tomli_w

from app.catalog.entries import Entries, Kind, document
from app.catalog.shape import CatalogShape


def as_toml(of: Entries) -> str:
    """Tables in the order of the catalog; what is left at its default is not written."""
    shape = CatalogShape.model_validate_json(json.dumps(document(of)))
    tables = shape.model_dump(mode="python", exclude_defaults=True)
    return "\n".join(_entry(kind, table) for kind in Kind for table in tables.get(kind, ()))


def _entry(kind: Kind, table: dict[str, Any]) -> str:
    """`[[role]]` for each, as people write it and as differences of two files are read. A list of short tables would
    become one line of braces, behind which nobody can add another `[[role]]`."""
    head, text = f"[{kind}]\n", tomli_w.dumps({kind.value: table}, multiline_strings=True)
    return f"[{head.rstrip()}]\n{text.removeprefix(head)}"
