"""Files for one person's eyes: 0600 in 0700, replaced whole, never reached through a link.

A file that others may read is mended (it is ours to mend); one that belongs to somebody else, or is a link, is
refused: on a shared machine it is how another user would feed us theirs or be handed ours.
"""

from __future__ import annotations

import errno
import os
import stat

from .failures import USAGE, Failure

LARGEST = 256 * 1024  # bytes; ours are a few kilobytes


def read(path: str) -> bytes | None:
    """The content, or None when there is no such file."""
    try:
        # O_NONBLOCK: a named pipe in the file's place must not make the caller wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise refusal(path, problem) from None
    try:
        mend(path, descriptor, os.fstat(descriptor))
        return os.read(descriptor, LARGEST)
    finally:
        os.close(descriptor)


def mend(path: str, descriptor: int, seen: os.stat_result) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise Failure(USAGE, f"{path} is not a plain file; remove it")
    if seen.st_uid != os.geteuid():
        raise Failure(USAGE, f"{path} belongs to another user; remove it")
    if seen.st_mode & 0o077:
        os.fchmod(descriptor, 0o600)


def write(path: str, content: bytes, mode: int = 0o600, changed: float = 0.0) -> None:
    """Replace the file. The caller holds the lock that goes with it, so one fixed temporary name is enough,
    and a writer that was killed leaves at most one, which the next one removes.

    `changed` is the time of change that the file shall show (Unix seconds; 0: now)."""
    directory(os.path.dirname(path))
    fresh = path + ".new"
    try:
        remove(fresh)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if changed:
            os.utime(fresh, (changed, changed))
        os.replace(fresh, path)
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
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as problem:
        raise refusal(path, problem) from None
    try:
        seen = os.fstat(descriptor)
        if seen.st_uid != os.geteuid():
            raise Failure(USAGE, f"{path} belongs to another user; fedgate keeps no secrets there")
        if seen.st_mode & 0o077:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def refusal(path: str, problem: OSError) -> Failure:
    if problem.errno in (errno.ELOOP, errno.ENOTDIR):
        return Failure(USAGE, f"{path} is a symbolic link or not what it should be; remove it")
    return Failure(USAGE, f"{path}: {problem.strerror}")
