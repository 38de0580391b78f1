"""Where files live (XDG Base Directory Specification); `FEDGATE_CACHE_DIR` moves the cache off a network home."""

from __future__ import annotations

import os

from .failures import USAGE, Failure

TYPE_CHECKING = False  # as in `typing`, which would be dear to import on the short way
if TYPE_CHECKING:
    from collections.abc import Callable


def base(variable: str, fallback: str) -> str:
    """The specification says that a relative value is invalid and to be ignored. Without a home, which a container's
    user may lack, the tokens would come to lie below `~` in the directory where somebody works."""
    value = os.environ.get(variable, "")
    place = value if os.path.isabs(value) else os.path.expanduser(fallback)
    if not os.path.isabs(place):
        raise Failure(USAGE, "your home directory is not known; set HOME to its full path")
    return place


def folder_of(gateway: str) -> str:
    """`https://aws.example.com:8443` as one file name; plain http is kept apart from https."""
    plain = gateway.replace("https://", "").replace("http://", "http_")
    return plain.replace(":", "_").replace("[", "").replace("]", "")


def config(name: str) -> str:
    return os.path.join(base("XDG_CONFIG_HOME", "~/.config"), "fedgate", name)


def data(name: str) -> str:
    return os.path.join(base("XDG_DATA_HOME", "~/.local/share"), "fedgate", name)


def state(gateway: str, name: str) -> str:
    return os.path.join(state_top(), folder_of(gateway), name)


def state_top() -> str:
    return os.path.join(base("XDG_STATE_HOME", "~/.local/state"), "fedgate")


def moved_by(path: str) -> str:
    """The variable that names another place for this file of ours; empty when it is not one."""
    tops = {
        "FEDGATE_CACHE_DIR": cache_top,
        "XDG_STATE_HOME": state_top,
        "XDG_CONFIG_HOME": lambda: config(""),
        "XDG_DATA_HOME": lambda: data(""),
    }
    return next((name for name, top in tops.items() if is_below(path, top)), "")


def is_below(path: str, top: Callable[[], str]) -> bool:
    try:
        return path.startswith(top())
    except Failure:  # no home, and no variable instead: nothing of ours lies there
        return False


def cache(gateway: str) -> str:
    return os.path.join(cache_top(), folder_of(gateway))


def cache_top() -> str:
    top = os.environ.get("FEDGATE_CACHE_DIR", "")
    return top if os.path.isabs(top) else os.path.join(base("XDG_CACHE_HOME", "~/.cache"), "fedgate")
