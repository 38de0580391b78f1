"""Reading parameters and bodies."""

from __future__ import annotations

import json

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge


def single_values(values: MultiDict[str, str]) -> dict[str, str]:
    """Parameters that came once. One that came twice is dropped: two readers would take two different ones."""
    return {name: found[0] for name, found in values.lists() if len(found) == 1}


def form_within(most: int) -> dict[str, str] | None:
    """The parameters of the body that came once. None for a body of more than `most` bytes, of which nothing is read:
    for views at which even that is to be on record."""
    request.max_content_length = request.max_form_memory_size = most
    try:
        return single_values(request.form)
    except RequestEntityTooLarge:
        return None


def json_body() -> object:
    """None for what cannot be read, or is not called JSON. Python gives up on brackets in brackets a thousand deep, and
    takes half a character, at which every page that shows the journal's line about it would fail."""
    try:
        found = request.get_json(silent=True) if request.mimetype == "application/json" else None
        json.dumps(found, ensure_ascii=False).encode()
        return found
    except (RecursionError, UnicodeEncodeError):
        return None
