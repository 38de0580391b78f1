"""JSON that a tool sent, read with suspicion.

A key twice is refused, since two readers would take two different values. A key that we do not know is passed over:
AWS's tools are not ours to hold still, and the next version of them sends one more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import request

from app.errors import InvalidRequest

_LONGEST = 4_096  # characters of one value
_MOST = 20  # values of one list


class Body:
    """The request's JSON object. Raises InvalidRequest for anything else.

    Only `application/json`: a page elsewhere can have a browser post a form or plain text to us, but not this."""

    def __init__(self) -> None:
        if request.mimetype != "application/json":
            raise InvalidRequest("Send the request as application/json.", reason="native.content_type")
        try:
            found = json.loads(request.get_data(), object_pairs_hook=_once)
        except (ValueError, RecursionError):  # brackets in brackets a thousand deep are too much for Python
            raise InvalidRequest("The body is not JSON.", reason="native.json") from None
        if not isinstance(found, dict):
            raise InvalidRequest("The body is not a JSON object.", reason="native.json")
        self._found = found

    def text(self, key: str) -> str:
        """Empty if it is not there."""
        return _text(key, self._found.get(key))

    def texts(self, key: str) -> Sequence[str]:
        found = self._found.get(key)
        if found is None:
            return ()
        if not isinstance(found, list) or len(found) > _MOST:
            raise InvalidRequest(f"{key}: expected a list of at most {_MOST}.", reason="native.type")
        return [_text(key, one) for one in found]


def _text(key: str, value: object) -> str:
    match value:
        case None:
            return ""
        case str() if len(value) <= _LONGEST:
            return value
        case _:
            raise InvalidRequest(f"{key}: expected text of at most {_LONGEST} characters.", reason="native.type")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidRequest("The body has a key twice.", reason="native.json")
    return found
