"""Whether a journal is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from app.audit.records import START, digest, number_in


def verify(directory: Path) -> Iterator[str]:
    """Every break of the chain in `directory`, oldest first, as a sentence. Nothing means it is whole.

    It cannot see that the newest lines were cut off: compare the last hash with the copy you shipped.
    """
    number, before = 0, START
    for path in sorted(directory.glob("audit-*.jsonl")):
        for position, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            where = f"{path.name} line {position}"
            found = number_in(line)
            if found is None:
                yield f"{where}: is not a record (cut off by a crash, or altered)"
                continue
            if (found, json.loads(line)["before"]) != (number + 1, before):
                yield f"{where}: does not follow the record before it (a record was removed, added or altered)"
            number, before = found, digest(line)
