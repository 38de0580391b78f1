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

import fcntl
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from app.core.events import Event
from app.errors import AuditUnavailable

_START = "0" * 64
_LONGEST_LINE = 64 * 1024


class Audit(Protocol):
    def record(self, event: Event) -> None:
        """Returns when the event is safely written; raises AuditUnavailable otherwise."""
        ...

    def ready(self) -> None:
        """Raises AuditUnavailable if a record could not be written now."""
        ...


class JournalFiles:
    """The chain in a directory, shared by every process of this machine that writes there."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        self._directory = directory
        self._clock = clock
        self._threads = threading.Lock()  # flock orders processes; this orders our threads

    def record(self, event: Event) -> None:
        try:
            with self._threads, self._locked():
                now = self._clock()
                path = self._directory / f"audit-{now:%Y-%m-%d}.jsonl"
                number, before = self._head(path)
                _append(path, _line(number + 1, before, now, event))
        except OSError as error:
            raise _unavailable(error) from error

    def ready(self) -> None:
        try:
            with self._threads, self._locked():
                if not os.access(self._directory, os.W_OK):
                    raise PermissionError("not writable")
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

    def _head(self, today: Path) -> tuple[int, str]:
        """Number and hash of the last whole line, of today's file or the newest before it."""
        for path in [today, *sorted(self._directory.glob("audit-*.jsonl"), reverse=True)]:
            if path.exists() and path.name <= today.name and (last := _last_line(path)):
                return int(json.loads(last)["n"]), _digest(last)
        return 0, _START


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
            try:
                entry = json.loads(line)
                found = (int(entry["n"]), str(entry["before"]))
            except (ValueError, KeyError, TypeError):
                yield f"{where}: is not a record (cut off by a crash, or altered)"
                continue
            if found != (number + 1, before):
                yield f"{where}: does not follow the record before it (a record was removed, added or altered)"
            number, before = found[0], _digest(line)


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
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        end = os.fstat(file).st_size
        torn = end > 0 and os.pread(file, 1, end - 1) != b"\n"
        data = (b"\n" if torn else b"") + line + b"\n"
        if os.write(file, data) != len(data):
            os.ftruncate(file, end)
            raise OSError("the disk took only part of a record")
        os.fdatasync(file)
    finally:
        os.close(file)


def _last_line(path: Path) -> bytes:
    """The last line that ends in a newline and can be read; a torn one was never acknowledged."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * _LONGEST_LINE))
        whole = file.read().rpartition(b"\n")[0].split(b"\n")
    for line in reversed(whole):
        try:
            json.loads(line)["n"]
        except (ValueError, KeyError, TypeError):
            continue
        return line
    return b""


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
