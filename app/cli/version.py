"""`fedgate version`."""

from __future__ import annotations

import platform

from . import built, output


def run(as_json: bool) -> int:
    if as_json:
        output.as_json({"version": built.VERSION, "python": platform.python_version(), "gateway": built.GATEWAY})
    else:
        output.data(line())
    return 0


def line() -> str:
    return f"fedgate {built.VERSION} (Python {platform.python_version()})"
