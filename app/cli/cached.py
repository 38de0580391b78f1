"""Credentials at rest: one file for each role, with a first line that says whose and until when, and a second that
is handed out as it is. So the short way needs no JSON reader. The file's own time of change is the moment from which
it is no longer fresh, for the launcher's sake: a shell can compare files and cannot tell the time.

Written only by who holds the role's `lock()`.
"""

from __future__ import annotations

import os

from . import places, private_files
from .locks import Lock

MARK = "fedgate-credentials-1"
SUFFIX = ".credentials"
ENOUGH = 15 * 60  # seconds; with less left, botocore and .NET run their helper at every single request
LONGEST_SESSION = 13 * 3600  # seconds; AWS's is 12 h: more can only mean that the clock was moved
LONGEST_NAME = 200  # characters; file systems end at 255


class Cached:
    """`sign_in` is the id of the sign-in that fetched it; times are Unix seconds; `line` is the JSON. Silent `repr`."""

    __slots__ = ("sign_in", "fetched", "expires", "role", "line")

    def __init__(self, sign_in: str, fetched: float, expires: int, role: str, line: str) -> None:
        self.sign_in = sign_in
        self.fetched = fetched
        self.expires = expires
        self.role = role
        self.line = line

    def __repr__(self) -> str:
        return f"Cached(role={self.role!r}, expires={self.expires})"

    def left(self, now: float) -> float:
        """Seconds that they still live; none when the clock cannot be trusted."""
        seconds = self.expires - now
        return seconds if seconds <= LONGEST_SESSION else 0.0


def path_of(gateway: str, role: str) -> str:
    """Readable where it fits; a role's path may have 512 characters (IAM quotas), a file name 255."""
    name = role.replace("%", "%25").replace("/", "%2F").replace(":", "%3A")
    if len(name) > LONGEST_NAME:
        import hashlib

        name = hashlib.sha256(role.encode()).hexdigest()
    return os.path.join(places.cache(gateway), name + SUFFIX)


def lock(gateway: str, role: str, seconds: float) -> Lock:
    return Lock(path_of(gateway, role), seconds)


def load(gateway: str, role: str, sign_in: str) -> Cached | None:
    """What that sign-in has fetched for that role, fresh or not."""
    found = read(path_of(gateway, role))
    return found if found is not None and found.role == role and found.sign_in == sign_in else None


def read(path: str) -> Cached | None:
    content = private_files.read(path)
    if content is None:
        return None
    try:
        head, line = content.decode("ascii").split("\n", 1)
        mark, sign_in, fetched, expires, role = head.split("\t")
        found = Cached(sign_in, float(fetched), int(expires), role, line.rstrip("\n"))
    except ValueError:
        return None
    return found if mark == MARK and found.line.startswith('{"Version":1,') and found.line.endswith("}") else None


def save(gateway: str, kept: Cached) -> None:
    head = f"{MARK}\t{kept.sign_in}\t{kept.fetched:.3f}\t{kept.expires}\t{kept.role}\n"
    content = (head + kept.line + "\n").encode("ascii")
    private_files.write(path_of(gateway, kept.role), content, changed=stale_from(kept))


def stale_from(kept: Cached) -> float:
    """Unix seconds. Up to a minute early, so that a fleet of tools does not come back in the same second."""
    return kept.expires - ENOUGH - jitter() if kept.left(kept.fetched) else kept.fetched


def jitter() -> int:
    """Seconds."""
    return os.urandom(1)[0] % 61


def every(gateway: str, sign_in: str) -> list[Cached]:
    found = [read(path) for path in files(gateway) if path.endswith(SUFFIX)]
    return [one for one in found if one is not None and one.sign_in == sign_in]


def forget(gateway: str, role: str) -> None:
    private_files.remove(path_of(gateway, role))


def forget_all(gateway: str) -> int:
    """How many there were. The lock files stay (see `locks`)."""
    gone = files(gateway)
    for path in gone:
        private_files.remove(path)
    return sum(path.endswith(SUFFIX) for path in gone)


def files(gateway: str) -> list[str]:
    top = places.cache(gateway)
    try:
        names = sorted(os.listdir(top))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [os.path.join(top, name) for name in names if name.endswith((SUFFIX, SUFFIX + ".new"))]
