"""Replaces a file that belongs to the person and not to us: through its link, with its mode, with a copy kept.

A writer that is killed at any moment leaves either the old file or the new one.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ..failures import BUSY, USAGE, Failure

if sys.platform == "win32":
    from .. import on_windows as system
else:
    from .. import on_posix as system

T = TypeVar("T")
LARGEST = 8 * 1024 * 1024  # bytes
TRIES = 5


class Changed(Failure):
    """Another program was faster."""

    def __init__(self, path: str) -> None:
        super().__init__(BUSY, f"{path} is being changed by another program; run it again")


class Seen(NamedTuple):
    """A file as it was read: `mark` tells whether somebody has changed it since."""

    path: str  # with links followed
    content: bytes
    mode: int
    mark: tuple[int, int, int] | None  # inode, size, time of change; None: there was no file
    owner: tuple[int, int] = (-1, -1)  # user and group
    names: int = 1  # hard links


def look(path: str) -> Seen:
    target = os.path.realpath(path)
    try:
        descriptor = system.open_to_read(target)
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
    owner = (found.st_uid, found.st_gid)
    return Seen(target, content, stat.S_IMODE(found.st_mode), mark_of(found), owner, found.st_nlink)


def mark_of(found: os.stat_result) -> tuple[int, int, int]:
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def rewrite(once: Callable[[], T]) -> T:
    """Calls `once`, which looks, decides and replaces; again when another program wrote in between."""
    for _ in range(TRIES - 1):
        try:
            return once()
        except Changed:
            continue
    return once()


def replace(seen: Seen, content: bytes) -> None:
    """Raises `Changed` when another program has written meanwhile: its work is not ours to undo."""
    if seen.mark is not None and not seen.mode & stat.S_IWUSR:
        raise Failure(USAGE, f"{seen.path} is read-only; nothing was written")
    try:
        os.makedirs(os.path.dirname(seen.path), 0o700, exist_ok=True)
        if seen.mark is not None:
            os.replace(written(seen.path + ".before-fedgate.new", seen, seen.content), seen.path + ".before-fedgate")
        fresh = written(seen.path + ".fedgate-new", seen, content)
        if look(seen.path).mark != seen.mark:
            os.unlink(fresh)
            raise Changed(seen.path)
        os.replace(fresh, seen.path)
    except OSError as problem:
        raise Failure(USAGE, f"{seen.path}: {problem.strerror}; nothing was written") from None


def written(path: str, seen: Seen, content: bytes) -> str:
    """A new file; one that a killed writer left is removed first. The caller holds the lock of `profiles sync`."""
    if os.path.lexists(path):
        os.unlink(path)
    descriptor = system.open_new(path, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            system.belong(descriptor, seen.mode, None if seen.mark is None else seen.owner)
            os.fsync(descriptor)
    except BaseException:
        os.unlink(path)  # a full disk must not be left fuller
        raise
    return path
