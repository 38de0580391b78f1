"""Wildcards and policy variables.

`*` and `?` are wildcards only where they stand in the policy. A value that comes in through `${...}` is
always literal: a user named `*` must not match everybody's folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Context = Mapping[str, tuple[str, ...]]
_PIECE = re.compile(r"\$\{(?P<name>[^{}]*)\}|(?P<text>[^$]+|\$)")
_DEFAULT = re.compile(r"(?P<key>[^,]+?)\s*,\s*'(?P<default>[^']*)'")


def glob(pattern: str, text: str, *, case: bool = True) -> bool:
    """Plain wildcards, without variables."""
    return re.fullmatch(_wild(pattern), text, re.DOTALL | (re.IGNORECASE if not case else 0)) is not None


def like(pattern: str, text: str, context: Context, variables: bool) -> bool:
    """Wildcards and variables. A variable without one value matches nothing."""
    expression = ""
    for literal, part in _parts(pattern, context, variables):
        if part is None:
            return False
        expression += re.escape(part) if literal else _wild(part)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def expanded(pattern: str, context: Context, variables: bool) -> str | None:
    """Variables replaced, wildcards left as they are; None if a variable has no single value."""
    parts = [part for _, part in _parts(pattern, context, variables)]
    return None if None in parts else "".join(part for part in parts if part is not None)


def _parts(pattern: str, context: Context, variables: bool) -> list[tuple[bool, str | None]]:
    """(is literal, text) pieces of the pattern."""
    if not variables:
        return [(False, pattern)]
    return [
        (True, _variable(found["name"], context)) if found["name"] is not None else (False, found["text"])
        for found in _PIECE.finditer(pattern)
    ]


def _variable(name: str, context: Context) -> str | None:
    if name in ("*", "?", "$"):
        return name
    fallback = _DEFAULT.fullmatch(name)
    key = fallback["key"] if fallback else name
    values = context.get(key.strip().lower(), ())
    if len(values) == 1:
        return values[0]
    return fallback["default"] if fallback and not values else None


def _wild(text: str) -> str:
    return "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in text)
