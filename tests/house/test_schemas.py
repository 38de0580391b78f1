"""The schemas for editors say what the types say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.catalog import CatalogShape
from app.gateway_file import GatewayShape

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(("name", "shape"), [("gateway", GatewayShape), ("catalog", CatalogShape)])
def test_a_committed_schema_is_what_config_schemas_writes(name: str, shape: type[BaseModel]) -> None:
    written = json.loads((CONFIG / f"{name}.schema.json").read_text("utf-8"))
    del written["$schema"]
    assert written == shape.model_json_schema()
