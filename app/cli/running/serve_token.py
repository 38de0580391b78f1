"""The token that opens a container endpoint of `fedgate serve`, and the file in which a container finds it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from .. import private_files
from ..failures import USAGE, Failure
from ..profiles import shared_file

VARIABLE = "FEDGATE_SERVE_TOKEN"
BEGIN = "fedgate-serve-"  # what a program that looks for leaked secrets can know it by
SHAPE = re.compile(r"[A-Za-z0-9._~+/=-]{20,512}")  # goes into a header as it is, and cannot be guessed


def fresh() -> str:
    return BEGIN + secrets.token_urlsafe(32)


def wanted() -> str:
    """From the environment, where a container and `serve` are started by one program; else a fresh one."""
    given = os.environ.get(VARIABLE, "")
    if given and not SHAPE.fullmatch(given):
        raise Failure(USAGE, f"{VARIABLE} must be 20 to 512 letters, digits or any of . _ ~ + / = -")
    return given or fresh()


@contextmanager
def kept(path: str, token: str) -> Iterator[None]:
    """In a file (0600) as long as the endpoint lives. No newline at its end: SDKs would refuse the token."""
    refuse_other(path, token)
    try:
        write(path, token)
    except OSError as problem:
        raise Failure(USAGE, f"{path}: {(problem.strerror or 'cannot be written').lower()}") from None
    try:
        yield
    finally:
        private_files.remove(path)


def refuse_other(path: str, token: str) -> None:
    """A slip of the hand must not replace somebody's key file with our token, nor close a file to others that is not
    ours: `/etc/passwd`, say."""
    if os.path.isdir(path):
        raise Failure(USAGE, f"{path} is a directory; name a file in it")
    if os.path.lexists(path) and not holds(path, token):
        raise Failure(USAGE, f"{path} is there and is no token of fedgate serve; name another file, or remove it")


def holds(path: str, token: str) -> bool:
    try:
        seen = shared_file.look(path)
    except Failure:
        return False
    there = seen.content.decode("ascii", "replace")
    return not os.path.islink(path) and (there == token or there.startswith(BEGIN))


def write(path: str, token: str) -> None:
    """The directory is the person's, and stays as it is."""
    new = f"{path}.{secrets.token_hex(4)}.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(token.encode("ascii"))
    os.replace(new, path)
