"""The chain in a directory: where it goes on, and how a line gets safely onto the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.audit.records import START, digest, line_of, number_in, unavailable
from app.core.events import Event

_FIRST_LOOK = 8 * 1024  # bytes from the end of a file


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the chain goes on: in `path` or a later file, after the record `number` with the hash `before`."""

    path: Path
    number: int
    before: str


class JournalFiles:
    """The chain in a directory, shared by every process of this machine that writes there."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        self._directory = directory
        self._clock = clock
        self._threads = threading.Lock()  # flock orders processes; this orders our threads
        self._known: tuple[_Head, tuple[int, ...]] | None = None

    def record(self, event: Event) -> None:
        try:
            with self._threads, self._locked():
                now = self._clock()
                head = self._head(now)
                line = line_of(head.number + 1, head.before, now, event)
                self._known = None  # a write that fails may leave anything behind
                _append(head.path, line)
                self._remember(_Head(head.path, head.number + 1, digest(line)))
        except OSError as error:
            raise unavailable(error) from error

    def ready(self) -> None:
        try:
            with self._threads, self._locked():
                os.close(_opened(self._head(self._clock()).path))
                disk = os.statvfs(self._directory)
                if disk.f_blocks and not disk.f_bavail:
                    raise OSError(errno.ENOSPC, "the disk is full")
        except OSError as error:
            raise unavailable(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _head(self, now: datetime) -> _Head:
        """Never in an older file than the newest one: a clock that was set back must not fork the chain."""
        head = self._remembered() or self._found()
        today = self._directory / f"audit-{now:%Y-%m-%d}.jsonl"
        return _Head(max(today, head.path), head.number, head.before)

    def _found(self) -> _Head:
        files = sorted(self._directory.glob("audit-*.jsonl"), reverse=True)
        newest = files[0] if files else self._directory
        last = next(filter(None, map(_last_record, files)), b"")
        return _Head(newest, number_in(last) or 0, digest(last) if last else START)

    def _remembered(self) -> _Head | None:
        """Reading the end of the file again is only needed if another process has written since we did."""
        if self._known is not None and self._known[1] == self._stamp(self._known[0].path):
            return self._known[0]
        return None

    def _remember(self, head: _Head) -> None:
        self._known = (head, self._stamp(head.path))

    def _stamp(self, path: Path) -> tuple[int, ...]:
        """Of the file, and of the directory, where a newer file may have appeared."""
        try:
            file = path.stat()
        except FileNotFoundError:
            return ()
        return (file.st_ino, file.st_size, file.st_mtime_ns, self._directory.stat().st_mtime_ns)


def _append(path: Path, line: bytes) -> None:
    file = _opened(path)
    try:
        end = os.fstat(file).st_size
        torn = end > 0 and os.pread(file, 1, end - 1) != b"\n"
        data = (b"\n" if torn else b"") + line + b"\n"
        if os.write(file, data) != len(data):
            os.ftruncate(file, end)
            raise OSError(errno.ENOSPC, "the disk took only part of a record")
        os.fdatasync(file)
    finally:
        os.close(file)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _last_record(path: Path) -> bytes:
    """The last line that ends in a newline and can be read; a torn one was never acknowledged."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        window = _FIRST_LOOK
        while True:
            begin = max(0, size - window)
            file.seek(begin)
            lines = file.read(size - begin).split(b"\n")[:-1]
            whole = lines[1:] if begin else lines
            found = next((line for line in reversed(whole) if number_in(line) is not None), b"")
            if found or not begin:
                return found
            window *= 8  # a longer line than usual
