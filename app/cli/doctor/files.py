"""Our own files and directories: whose they are, who may read them, and on what kind of disk they lie.

Looked at before anything is read, because reading mends a mode, and what was open to others stays worth telling.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .. import places
from ..output import program
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, shown, typed

REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "sshfs", "fuse.sshfs", "glusterfs", "ceph")
MOST = 5000  # files; a directory of ours with more is somebody else's


def look() -> Findings:
    found = [one for top in tops() for one in below(top)]
    yield from found
    if not found:
        yield Finding("files", FINE, "fedgate's files", "nobody but you can read them")
    yield from place()


def tops() -> list[str]:
    """The directories in which we keep something, one for each kind."""
    kinds = [places.config(""), os.path.dirname(os.path.dirname(places.state("x", ""))), places.data("")]
    kinds.append(os.path.dirname(places.cache("x")))
    return [kind.rstrip("/") for kind in kinds]


def below(top: str) -> Findings:
    """Without following links."""
    paths = [top]
    for folder, names, files in os.walk(top):
        paths += [os.path.join(folder, name) for name in names + files]
        if len(paths) > MOST:
            return
    for path in paths:
        try:
            seen = os.lstat(path)
        except OSError:
            continue
        yield from judged(path, seen)


def judged(path: str, seen: os.stat_result) -> Findings:
    if stat.S_ISLNK(seen.st_mode):
        sentence = "is a symbolic link: fedgate refuses it, because it could lead to somebody else's file"
        yield Finding("files", WRONG, shown(path), sentence, f"rm {typed(path)}")
    elif seen.st_uid != os.geteuid():
        sentence = "belongs to another user, who could put other credentials there; fedgate refuses it"
        yield Finding("files", WRONG, shown(path), sentence, f"sudo rm -r {typed(path)}")
    elif seen.st_mode & 0o077 and not is_program(path, seen):
        yield opened(path, seen)


def is_program(path: str, seen: os.stat_result) -> bool:
    """A copy of fedgate that somebody keeps there: no secret, so everybody may read it."""
    return path.endswith(".pyz") and not seen.st_mode & 0o022


def opened(path: str, seen: os.stat_result) -> Finding:
    mode = f"{stat.S_IMODE(seen.st_mode):04o}"
    if stat.S_ISDIR(seen.st_mode):
        return Finding("files", WRONG, shown(path), f"others may enter it (mode {mode})", f"chmod 700 {typed(path)}")
    if os.path.basename(path) == "sign-in":
        sentence = (
            f"others may read it (mode {mode}), and so could use your sign-in. A new one makes the old worthless."
        )
        return Finding("files", WRONG, shown(path), sentence, f"{program()} login --force")
    return Finding("files", WRONG, shown(path), f"others may read it (mode {mode})", f"chmod 600 {typed(path)}")


def place() -> Findings:
    """Locks and atomic replacement are not to be relied on everywhere."""
    kind, path = kind_of_disk(places.cache("x")), os.path.dirname(places.cache("x"))
    if kind in REMOTE:
        sentence = (
            f"lies on a network disk ({kind}), where locks and renames are not safe: two machines may spend one "
            "sign-in. Name a directory of this machine, in your shell's start-up file."
        )
        run = 'export FEDGATE_CACHE_DIR="${XDG_RUNTIME_DIR:-/var/tmp}/fedgate-$(id -u)"'
        yield Finding("cache-place", CAREFUL, shown(path), sentence, run)
    elif kind == "tmpfs":
        yield Finding("cache-place", FINE, shown(path), "lies in memory: credentials are gone after a restart")


def kind_of_disk(path: str, mounts: str = "/proc/self/mounts") -> str:
    """The name of the file system that will hold `path`; empty where the system does not say."""
    try:
        lines = [line.split(" ") for line in Path(mounts).read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    path = os.path.realpath(path)
    points = [(parts[1].replace("\\040", " "), parts[2]) for parts in lines if len(parts) > 2]
    under = [(len(point), kind) for point, kind in points if (path + "/").startswith(point.rstrip("/") + "/")]
    return max(enumerate(under), key=lambda one: (one[1][0], one[0]))[1][1] if under else ""
