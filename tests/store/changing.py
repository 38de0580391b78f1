"""A worker that counts one document up: `python -m tests.store.changing URL KEY-IN-HEX TIMES`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import timedelta

from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf

NAME = "the count"


@dataclass(frozen=True, slots=True)
class Count:
    number: int


def shelf(url: str, key: bytes) -> Shelf[Count]:
    return Shelf("counts", Count, connect(url), Sealer([key]))


def begin(url: str, key: bytes) -> Shelf[Count]:
    counts = shelf(url, key)
    counts.put(NAME, Count(0), timedelta(minutes=5))
    return counts


if __name__ == "__main__":
    counts = shelf(sys.argv[1], bytes.fromhex(sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        assert counts.change(NAME, lambda count: replace(count, number=count.number + 1))
