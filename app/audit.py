"""Book 3: what happened, written before the act.

One JSON line for each event, in files of one day each (`audit-2026-11-21.jsonl`) or on standard output.
Each line holds the SHA-256 of the line before it, so a removed or altered line shows (`verify`). All
workers of a machine append to one chain: a kernel lock on the directory orders them, and the line is on the
disk (fdatasync) before `record` returns. If it cannot be written, `AuditUnavailable` stops whatever wanted
to happen: no record, no credentials.

Every replica writes its own directory. Ship the files with what you ship logs with; the chain lets the far
end prove that nothing is missing.

Lines have this shape; `facts` depends on `kind` (`core.events.Kind`):

    {"n": 41, "at": "2026-11-21T20:28:06.123456Z", "kind": "credentials.issued", "provider": "corp",
     "subject": "alice", "name": "alice@example.com", "address": "192.0.2.7", "reference": "K7Q2-M9XA",
     "facts": {"role": "arn:aws:iam::...", "access_key_id": "ASIA..."}, "before": "<64 hex>"}
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from app.core.events import Event
from app.errors import AuditUnavailable

_START = "0" * 64
_FIRST_LOOK = 8 * 1024  # bytes from the end of a file


class Audit(Protocol):
    def record(self, event: Event) -> None:
        """Returns when the event is safely written; raises AuditUnavailable otherwise."""
        ...

    def ready(self) -> None:
        """Raises AuditUnavailable if a record could not be written now."""
        ...


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
                line = _line(head.number + 1, head.before, now, event)
                self._known = None  # a write that fails may leave anything behind
                _append(head.path, line)
                self._remember(_Head(head.path, head.number + 1, _digest(line)))
        except OSError as error:
            raise _unavailable(error) from error

    def ready(self) -> None:
        try:
            with self._threads, self._locked():
                os.close(_opened(self._head(self._clock()).path))
                disk = os.statvfs(self._directory)
                if disk.f_blocks and not disk.f_bavail:
                    raise OSError(errno.ENOSPC, "the disk is full")
        except OSError as error:
            raise _unavailable(error) from error

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
        return _Head(newest, _number(last) or 0, _digest(last) if last else _START)

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


class JournalStream:
    """The chain on a stream, one for each process; for containers whose standard output is collected."""

    def __init__(self, clock: Callable[[], datetime], stream: IO[str] | None = None) -> None:
        self._clock = clock
        self._stream = stream
        self._threads = threading.Lock()
        self._number, self._before = 0, _START

    def record(self, event: Event) -> None:
        stream = self._stream or sys.stdout
        with self._threads:
            line = _line(self._number + 1, self._before, self._clock(), event)
            try:
                stream.write(line.decode() + "\n")
                stream.flush()
            except (OSError, ValueError) as error:
                raise _unavailable(error) from error
            self._number, self._before = self._number + 1, _digest(line)

    def ready(self) -> None:
        """Standard output cannot be tried without writing to it."""


def verify(directory: Path) -> Iterator[str]:
    """Every break of the chain in `directory`, oldest first, as a sentence. Nothing means it is whole.

    It cannot see that the newest lines were cut off: compare the last hash with the copy you shipped.
    """
    number, before = 0, _START
    for path in sorted(directory.glob("audit-*.jsonl")):
        for position, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            where = f"{path.name} line {position}"
            found = _number(line)
            if found is None:
                yield f"{where}: is not a record (cut off by a crash, or altered)"
                continue
            if (found, json.loads(line)["before"]) != (number + 1, before):
                yield f"{where}: does not follow the record before it (a record was removed, added or altered)"
            number, before = found, _digest(line)


def _line(number: int, before: str, now: datetime, event: Event) -> bytes:
    entry = {
        "n": number,
        "at": now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "kind": str(event.kind),
        "provider": event.provider,
        "subject": event.subject,
        "name": event.name,
        "address": event.address,
        "reference": event.reference,
        "facts": dict(event.facts),
        "before": before,
    }
    # ASCII JSON: a line break or an escape sequence in a claim cannot start a line of its own.
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode()


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
            found = next((line for line in reversed(whole) if _number(line) is not None), b"")
            if found or not begin:
                return found
            window *= 8  # a longer line than usual


def _number(line: bytes) -> int | None:
    """The number of a record; None for what is not one."""
    try:
        entry = json.loads(line)
        number, before = entry["n"], entry["before"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return number if isinstance(number, int) and isinstance(before, str) else None


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _unavailable(error: Exception) -> AuditUnavailable:
    return AuditUnavailable(
        "The gateway cannot write its audit journal, so it gives nothing out. Tell the people who run it.",
        reason=f"audit.{type(error).__name__}",
        retry_after=30,
    )


def main(arguments: list[str]) -> int:
    """`python -m app.audit verify DIRECTORY`: 0 if the chain is whole, 1 with a line for each break."""
    if len(arguments) != 2 or arguments[0] != "verify" or not Path(arguments[1]).is_dir():
        print("usage: python -m app.audit verify DIRECTORY", file=sys.stderr)
        return 2
    breaks = list(verify(Path(arguments[1])))
    print("\n".join(breaks) or "The chain is whole.")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
