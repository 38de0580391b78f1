"""How AWS tools can start this copy of fedgate: absolute, and without anything that a shell would read.

AWS tools split the line without a shell, or with one, or with `cmd.exe` rules; neither `~` nor variables work in all of
them, and programs that start from a desktop have another PATH. (AWS SDKs and Tools Reference Guide, "Process
credential provider".)
"""

from __future__ import annotations

import os
import re
import sys

from . import launcher
from .failures import USAGE, Failure

PLAIN = re.compile(r"([A-Za-z]:/)?[A-Za-z0-9_./+@=,-]+( [A-Za-z0-9_./+@=,-]+)*")
PASSING = ("/Cellar/", "/nix/store/")  # directories that the next upgrade renames


def command() -> str:
    """The words before `credential-process`: the launcher, or what the launcher starts where there can be none."""
    start = words()
    if launcher.usable() and PLAIN.fullmatch(launcher.path()):
        return quoted(launcher.path())
    return " ".join(quoted(word) for word in start)


def install() -> None:
    """Puts the launcher in its place, whether or not `command()` names it. The caller holds the profiles' lock."""
    if launcher.usable():
        launcher.install(words())


def words() -> list[str]:
    """What starts this copy of fedgate; each word as it is, unquoted."""
    archive = archive_path()
    if archive is None:
        return [script_path()]
    python = stable_python()
    if python is None and sys.platform != "win32" and os.access(archive, os.X_OK):
        return [archive]
    # -I -S: a project's PYTHONPATH cannot reach into fedgate, and it starts in half the time.
    return [python or sys.executable, "-I", "-S", archive]


def archive_path() -> str | None:
    """The zipapp that is running; None when it is an installed script."""
    loader = getattr(sys.modules[__name__], "__loader__", None)
    archive = getattr(loader, "archive", None)
    return os.path.abspath(archive) if isinstance(archive, str) else None


def script_path() -> str:
    path = os.path.abspath(sys.argv[0])
    if path.endswith(".py") or not os.access(path, os.X_OK):
        raise Failure(USAGE, "profiles need an installed fedgate: use the /cli/fedgate.pyz of your gateway")
    return path


def stable_python() -> str | None:
    """The same interpreter under a name that outlives virtual environments and upgrades, if it has one."""
    own = os.path.join(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    real = os.path.realpath(own if os.path.exists(own) else sys.executable)
    known = [f"{top}/bin/python3" for top in ("/usr", "/usr/local", "/opt/homebrew")]
    same = [name for name in known if os.path.realpath(name) == real]
    if same:
        return same[0]
    return own if os.path.exists(own) and not any(part in real for part in PASSING) else None


def quoted(path: str) -> str:
    """On Windows with slashes, since some SDKs take a backslash for the beginning of an escape (aws-sdk-go-v2#2273)."""
    path = path.replace("\\", "/") if sys.platform == "win32" else path
    if not PLAIN.fullmatch(path):
        raise Failure(USAGE, f"{path}: AWS tools cannot start a program with such a path; move fedgate elsewhere")
    return f'"{path}"' if " " in path else path
