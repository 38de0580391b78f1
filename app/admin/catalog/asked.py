"""Numbers in addresses. One that no database holds is none."""

from __future__ import annotations

from flask import request

MOST = 999_999_999
NUMBER = f"int(max={MOST})"  # a converter of routes


def asked_number(name: str, default: int | None = None) -> int | None:
    """Of the query, such as `?before=41`; whatever is no number is as if it were not there."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else default
