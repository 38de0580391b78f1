"""The catalog as catalog.toml: what is exported here can be read back, by us and by people."""

from __future__ import annotations

import json

import tomli_w

from app.catalog.entries import Entries, Kind, document
from app.catalog.shape import CatalogShape


def as_toml(of: Entries) -> str:
    """Tables in the order of the catalog; what is left at its default is not written."""
    shape = CatalogShape.model_validate_json(json.dumps(document(of)))
    tables = shape.model_dump(mode="python", exclude_defaults=True)
    return tomli_w.dumps({kind.value: tables[kind] for kind in Kind if kind in tables}, multiline_strings=True)
