"""Files and locks on Linux and macOS. `on_windows` has the same names."""

from __future__ import annotations

import fcntl
import os
import stat
import sys

assert sys.platform != "win32"

_QUIETLY = os.O_NOFOLLOW | os.O_CLOEXEC


def open_to_read(path: str) -> int:
    # O_NONBLOCK: a named pipe in the file's place must not make the caller wait for ever.
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | _QUIETLY)


def open_new(path: str, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _QUIETLY, mode)


def open_lock(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | _QUIETLY, 0o600)


def take(descriptor: int) -> bool:
    """The lock of this file, unless somebody else holds it. Raises OSError where there are no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def let_go(descriptor: int) -> None:
    os.close(descriptor)  # the lock goes with it


def replace(fresh: str, path: str) -> None:
    os.replace(fresh, path)


def is_ours(seen: os.stat_result) -> bool:
    return seen.st_uid == os.geteuid()


def close_to_others(descriptor: int, seen: os.stat_result) -> None:
    if seen.st_mode & 0o077:
        os.fchmod(descriptor, 0o700 if stat.S_ISDIR(seen.st_mode) else 0o600)


def belong(descriptor: int, mode: int, owner: tuple[int, int] | None) -> None:
    """A file that takes the place of one with this mode and, if there was one, this user and group. Under `sudo` it
    stays its owner's, who could not write it otherwise; a group that is not ours to give is the one thing that may
    change."""
    here = os.fstat(descriptor)
    if owner is not None and owner != (here.st_uid, here.st_gid):
        try:
            os.fchown(descriptor, *owner)
        except PermissionError:
            if owner[0] != here.st_uid:
                raise
    os.fchmod(descriptor, mode)


def is_our_directory(path: str) -> bool:
    """A real directory of ours, from now on closed to others. Raises OSError for a link, and for what is none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _QUIETLY)
    try:
        seen = os.fstat(descriptor)
        if is_ours(seen):
            close_to_others(descriptor, seen)
        return is_ours(seen)
    finally:
        os.close(descriptor)
