"""Files and locks on Windows. `on_posix` has the same names.

There are no modes: what lies in a person's profile is closed to others by its inherited access list, and only
administrators make links. What is opened cannot be replaced for that moment, and what is locked cannot be read.
"""

from __future__ import annotations

import errno
import msvcrt
import os
import sys
import time

assert sys.platform == "win32"

_PLAIN = os.O_BINARY | os.O_NOINHERIT  # without the first, Windows would rewrite the ends of lines
_FAR = 1 << 30  # the byte that is locked: one that nobody reads, and that the file need not have
_TRIES, _PAUSE = 50, 0.02  # seconds


def open_to_read(path: str) -> int:
    return os.open(without_link(path), os.O_RDONLY | _PLAIN)


def open_new(path: str, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, mode)


def open_lock(path: str) -> int:
    return os.open(without_link(path), os.O_RDWR | os.O_CREAT | _PLAIN, 0o600)


def take(descriptor: int) -> bool:
    """The lock of this file, unless somebody else holds it. It ends with its process, however that ends."""
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError as problem:
        if problem.errno in (errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def let_go(descriptor: int) -> None:
    """Windows lets go of the lock of a closed file when it has time; somebody waits for this one."""
    try:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    finally:
        os.close(descriptor)


def replace(fresh: str, path: str) -> None:
    """Whoever reads the old file at this moment has finished in the next."""
    for _ in range(_TRIES):
        try:
            os.replace(fresh, path)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    os.replace(fresh, path)


def is_ours(_: os.stat_result) -> bool:
    return True


def close_to_others(_: int, __: os.stat_result) -> None:
    """The profile's access list has done it."""


def belong(_: int, __: int, ___: tuple[int, int] | None) -> None:
    """It inherits the access list of its directory, as the one before did."""


def is_our_directory(path: str) -> bool:
    """Raises OSError for a link, and for what is no directory."""
    if not os.path.isdir(without_link(path)):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return True


def without_link(path: str) -> str:
    if os.path.islink(path):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return path
