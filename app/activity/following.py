"""Reading the journal's files as they grow, from where the book ends.

Where that is the book itself knows: the lines of a directory are written into it in their order, so the newest file
whose first record is there is the one in which to go on. Nothing else is remembered, so nothing else can be wrong: a
book that was lost, put back or emptied fills itself again.

One process of a machine reads, of all that write there: it holds a kernel lock until it ends, and the next one goes on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.activity.book import BATCH, ActivityBook
from app.activity.entries import Entry, read_line

_CHUNK = 256 * 1024  # bytes
_LONGEST_LINE = 4 * 1024 * 1024  # bytes; a record has some hundred, and what is longer is none


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    offset: int  # bytes of it that are in the book
    last: str  # the `line` with which they end


class Follower:
    """For one thread."""

    def __init__(self, directory: Path, book: ActivityBook) -> None:
        self._directory = directory
        self._book = book
        self._lock: int | None = None
        self._place: _Place | None = None

    def catch_up(self, since: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Reads what is new, but for what is older than `since`; how many lines were. 0 if another process reads.
        The first time that can take minutes, so it looks at `stopping` between two batches.

        Raises DatabaseUnavailable or OSError; the next call goes on where this one stopped.
        """
        if not self._leads():
            return 0
        if self._place is not None and self._has_grown(self._place) and not self._book.knows(self._place.last):
            self._place = None  # the book was emptied, or an older copy of it was put back
        written = 0
        for path in self._files(since):
            begin = self._place.offset if self._place is not None and self._place.path == path else 0
            for batch, offset in batches(path, begin):
                written += self._book.add([entry for entry in batch if entry.at >= since])
                self._place = _Place(path, offset, batch[-1].line)
                if stopping():
                    return written
        return written

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _leads(self) -> bool:
        if self._lock is not None:
            return True
        if not self._directory.is_dir():
            return False
        lock = os.open(self._directory / ".reading", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock, self._place = lock, None  # whoever led before has read on since
        return True

    def _files(self, since: datetime) -> list[Path]:
        """Oldest first. Listed before any of them is read: into a file that is not the newest, nothing is written."""
        files = [path for path in journal_files(self._directory) if path.name >= f"audit-{since:%Y-%m-%d}.jsonl"]
        if self._place is None:
            begun = next((n for n in reversed(range(len(files))) if self._has_begun(files[n])), 0)
            return files[begun:]
        return [path for path in files if path >= self._place.path]

    def _has_grown(self, place: _Place) -> bool:
        return journal_files(self._directory)[-1:] != [place.path] or place.path.stat().st_size > place.offset

    def _has_begun(self, path: Path) -> bool:
        first = next((entry for batch, _ in batches(path, 0, 1) for entry in batch), None)
        return first is not None and self._book.knows(first.line)


def journal_files(directory: Path) -> list[Path]:
    return sorted(directory.glob("audit-*.jsonl"))


def batches(path: Path, offset: int, most: int = BATCH) -> Iterator[tuple[list[Entry], int]]:
    """Records with the offset behind the last one. A line without its end is left for later: it may still grow."""
    found: list[Entry] = []
    for line, end in _lines(path, offset):
        offset = end
        entry = read_line(line)
        if entry is not None:
            found.append(entry)
        if len(found) >= most:
            yield found, offset
            found = []
    if found:
        yield found, offset


def _lines(path: Path, offset: int) -> Iterator[tuple[bytes, int]]:
    rest = b""
    with path.open("rb") as file:
        file.seek(offset)
        while chunk := file.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                offset += len(line) + 1
                yield line, offset
            if len(rest) > _LONGEST_LINE:
                offset, rest = offset + len(rest), b""
