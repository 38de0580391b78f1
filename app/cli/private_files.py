"""Files for one person's eyes: 0600 in 0700, replaced whole, never reached through a link.

A file that others may read is mended (it is ours to mend); one that belongs to somebody else, or is a link, is
refused: on a shared machine it is how another user would feed us theirs or be handed ours.
"""

from __future__ import annotations

import errno
import os
import stat
import sys

from . import places
from .failures import USAGE, Failure

if sys.platform == "win32":
    from . import on_windows as system
else:
    from . import on_posix as system

LARGEST = 16 * 1024 * 1024  # bytes; most of ours have a few kilobytes, the map of ten thousand profiles two million
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def read(path: str) -> bytes | None:
    """The content, or None when there is no such file."""
    try:
        descriptor = system.open_to_read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise refusal(path, problem) from None
    try:
        seen = os.fstat(descriptor)
        mend(path, descriptor, seen)
        if seen.st_size > LARGEST:
            raise Failure(USAGE, f"{path} is too large to be fedgate's; remove it")
        return os.read(descriptor, seen.st_size)
    finally:
        os.close(descriptor)


def mend(path: str, descriptor: int, seen: os.stat_result) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise Failure(USAGE, f"{path} is not a plain file; remove it")
    if not system.is_ours(seen):
        raise Failure(USAGE, f"{path} belongs to another user; remove it")
    system.close_to_others(descriptor, seen)


def write(path: str, content: bytes, mode: int = 0o600, changed: float = 0.0) -> None:
    """Replace the file. The caller holds the lock that goes with it, so one fixed temporary name is enough,
    and a writer that was killed leaves at most one, which the next one removes.

    `changed` is the time of change that the file shall show (Unix seconds; 0: now)."""
    directory(os.path.dirname(path))
    fresh = path + ".new"
    try:
        remove(fresh)
        descriptor = system.open_new(fresh, mode)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if changed:
            os.utime(fresh, (changed, changed))
        system.replace(fresh, path)
    except OSError as problem:
        raise refusal(path, problem) from None


def remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def directory(path: str) -> None:
    """Make the directory, or verify it: a real one, ours, and closed to others."""
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        ours = system.is_our_directory(path)
    except OSError as problem:
        raise refusal(path, problem) from None
    if not ours:
        raise Failure(USAGE, f"{path} belongs to another user; fedgate keeps no secrets there")


def refusal(path: str, problem: OSError) -> Failure:
    if problem.errno in (errno.ELOOP, errno.ENOTDIR):
        return Failure(USAGE, f"{path} is a symbolic link or not what it should be; remove it")
    failure = Failure(USAGE, f"{path}: {problem.strerror}")
    variable = places.moved_by(path) if problem.errno == errno.EROFS else ""
    if variable:  # first, since the path may not fit into one line
        failure = Failure(USAGE, f"read-only file system; set {variable} to a directory of yours elsewhere ({path})")
    failure.goes_on = problem.errno in NO_ROOM
    return failure
