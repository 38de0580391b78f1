"""Replaces a file that belongs to the person and not to us: through its link, with its mode, with a copy kept.

A writer that is killed at any moment leaves either the old file or the new one.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from .failures import BUSY, USAGE, Failure

LARGEST = 8 * 1024 * 1024  # bytes


class Seen(NamedTuple):
    """A file as it was read: `mark` tells whether somebody has changed it since."""

    path: str  # with links followed
    content: bytes
    mode: int
    mark: tuple[int, int, int] | None  # inode, size, time of change; None: there was no file


def look(path: str) -> Seen:
    target = os.path.realpath(path)
    try:
        # O_NONBLOCK: a named pipe in the file's place must not make us wait for ever.
        descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Failure(USAGE, f"{path} is not a plain file")
            content = file.read(LARGEST)
    except FileNotFoundError:
        return Seen(target, b"", 0o600, None)
    except OSError as problem:
        raise Failure(USAGE, f"{path}: {problem.strerror}") from None
    if len(content) == LARGEST:
        raise Failure(USAGE, f"{path} is too large to be a file of settings")
    return Seen(target, content, stat.S_IMODE(found.st_mode), mark_of(found))


def mark_of(found: os.stat_result) -> tuple[int, int, int]:
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def replace(seen: Seen, content: bytes) -> None:
    """Raises exit code 6 when another program has written meanwhile: its work is not ours to undo."""
    if seen.mark is not None and not seen.mode & stat.S_IWUSR:
        raise Failure(USAGE, f"{seen.path} is read-only; nothing was written")
    try:
        os.makedirs(os.path.dirname(seen.path), 0o700, exist_ok=True)
        if seen.mark is not None:
            put(seen.path + ".before-fedgate", seen.content, seen.mode)
        fresh = written(seen.path + ".fedgate-new", content, seen.mode)
        if look(seen.path).mark != seen.mark:
            os.unlink(fresh)
            raise Failure(BUSY, f"{seen.path} was changed by another program; run it again", run="profiles sync")
        os.replace(fresh, seen.path)
    except OSError as problem:
        raise Failure(USAGE, f"{seen.path}: {problem.strerror}; nothing was written") from None


def put(path: str, content: bytes, mode: int) -> None:
    os.replace(written(path + ".new", content, mode), path)


def written(path: str, content: bytes, mode: int) -> str:
    """A new file; one that a killed writer left is removed first. The caller holds the lock of `profiles sync`."""
    if os.path.lexists(path):
        os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    return path
