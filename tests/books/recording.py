"""A worker that records: `python -m tests.books.recording DIRECTORY TIMES [LARGEST-FILE-IN-BYTES]`.

Prints the number of records that were acknowledged.
"""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.audit import JournalFiles
from app.core.events import Event, Kind
from app.errors import AuditUnavailable


def record_many(directory: Path, times: int) -> int:
    journal = JournalFiles(directory, lambda: datetime.now(UTC))
    done = 0
    for _ in range(times):
        try:
            journal.record(Event(Kind.SIGNED_IN, "corp", "alice", facts={"filler": "x" * 300}))
        except AuditUnavailable:
            continue
        done += 1
    return done


if __name__ == "__main__":
    if len(sys.argv) > 3:
        largest = int(sys.argv[3])  # a disk that is full, without being root
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    sys.stdout.write(f"{record_many(Path(sys.argv[1]), int(sys.argv[2]))}\n")
