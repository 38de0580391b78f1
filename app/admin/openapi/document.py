"""The parts put together, and where they are served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from app.admin.openapi import activity, catalog, others
from app.admin.openapi.pieces import PROBLEM
from app.web.guards import public


def document(base_url: str) -> Mapping[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fedgate",
            "version": "1",
            "description": "Everything that the pages can do, for programs. The token is that of `fedgate login`.",
        },
        "servers": [{"url": base_url}],
        "security": [{"terminal": []}],
        "paths": {**others.PATHS, **activity.PATHS, **catalog.PATHS},
        "components": {
            "schemas": {
                "Problem": PROBLEM,
                **others.SCHEMAS,
                **activity.SCHEMAS,
                **catalog.SCHEMAS,
                **catalog.bodies(),
            },
            "securitySchemes": {"terminal": {"type": "http", "scheme": "bearer"}},
        },
    }


def blueprint(base_url: str) -> Blueprint:
    room = Blueprint("openapi", __name__)
    told = document(base_url)

    @room.get("/api/v1/openapi.json")
    @public
    def describe() -> Response:
        """To anybody: it says what can be asked, and nothing of this gateway."""
        return jsonify(told)

    return room
