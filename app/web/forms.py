"""Reading parameters."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict


def single_values(values: MultiDict[str, str]) -> dict[str, str]:
    """Parameters that came once. One that came twice is dropped: two readers would take two different ones."""
    return {name: found[0] for name, found in values.lists() if len(found) == 1}
