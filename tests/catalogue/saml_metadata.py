"""X15."""

from __future__ import annotations

from collections.abc import Iterator

from tests.catalogue.row import Row


def rows() -> Iterator[Row]:
    yield from ()
