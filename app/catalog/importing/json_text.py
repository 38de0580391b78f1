"""JSON of other tools: bounded, no name twice, and asked for by the type that is expected."""

from __future__ import annotations

import json
from collections import Counter

from app.errors import ConfigurationProblems


def read_json(text: str) -> object:
    """Raises ConfigurationProblems."""
    try:
        return json.loads(text, object_pairs_hook=_table)
    except json.JSONDecodeError as error:
        raise ConfigurationProblems(
            [f"the file: is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"]
        ) from None
    except RecursionError:
        raise ConfigurationProblems(["the file: is nested too deeply"]) from None
    except ValueError:  # a number of more than 4300 digits
        raise ConfigurationProblems(["the file: is not JSON: a number is too long"]) from None


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Python keeps the last of them. Which one the other tool went by, nobody here knows.
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ConfigurationProblems([f"the file: has {twice[:80]!r} twice in one table"])
    return found


def table(found: object) -> dict[str, object]:
    """A table, or an empty one."""
    return found if isinstance(found, dict) else {}


def items(found: object) -> list[object]:
    """A list, or an empty one."""
    return found if isinstance(found, list) else []


def tables(found: object) -> list[dict[str, object]]:
    """The tables in a list; whatever else is in it is left out."""
    return [one for one in items(found) if isinstance(one, dict)]


def word(found: object) -> str:
    """A text, or an empty one."""
    return found if isinstance(found, str) else ""


def words(found: object) -> list[str]:
    """The texts in a list."""
    return [one for one in items(found) if isinstance(one, str)]
