"""Opens an address in the person's own browser, quietly: a browser's chatter must not end up among our data.

The standard library's `webbrowser` lets it, and on a machine without a desktop starts one inside the terminal.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

from .failures import USAGE, Failure


def open_address(url: str, typed: str = "", instead: str = "login --no-browser") -> bool:
    """Whether something was started. `typed` is `--browser`; `%s` in it stands for the address. `instead` is the
    command that does without."""
    if typed:
        if not started(words(typed, url)):
            raise Failure(USAGE, f"cannot start the browser {typed!r}", run=instead)
        return True
    return any(started(words(one, url)) for one in candidates())


def candidates() -> list[str]:
    named = [one for one in os.environ.get("BROWSER", "").split(os.pathsep) if one]
    if named:
        return named
    if sys.platform == "darwin":
        return ["open"]
    desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return ["xdg-open", "sensible-browser", "x-www-browser"] if desktop else ["wslview"]


def words(command: str, url: str) -> list[str]:
    try:
        parts = shlex.split(command)
    except ValueError:
        return []
    return [part.replace("%s", url) for part in parts] if "%s" in command else [*parts, url]


def started(command: list[str]) -> bool:
    if not command or shutil.which(command[0]) is None:
        return False
    quiet = subprocess.DEVNULL
    try:
        # Its own session: Ctrl-C at our prompt must not close the person's browser.
        subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603  # the person named it
    except OSError:
        return False
    return True
