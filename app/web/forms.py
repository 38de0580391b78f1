"""Reading parameters and bodies."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MultiDict


def single_values(values: MultiDict[str, str]) -> dict[str, str]:
    """Parameters that came once. One that came twice is dropped: two readers would take two different ones."""
    return {name: found[0] for name, found in values.lists() if len(found) == 1}


def json_body() -> object:
    """None for what cannot be read, or is not called JSON. Python gives up on brackets in brackets a thousand deep."""
    try:
        return request.get_json(silent=True) if request.mimetype == "application/json" else None
    except RecursionError:
        return None
