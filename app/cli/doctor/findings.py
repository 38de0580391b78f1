"""What the doctor says: one finding for each thing that was looked at, good ones too."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..profile_map import Profile

FINE, CAREFUL, WRONG = "ok", "careful", "wrong"


class Finding(NamedTuple):
    """`check` is a stable word for programs, `subject` the thing that is meant, `sentence` what is so and why it
    matters. `run` is a whole command line, and empty where a person has to judge. None of them holds a secret."""

    check: str
    level: str
    subject: str
    sentence: str
    run: str = ""


class Scene(NamedTuple):
    """What the checks look at. `gateway` is empty when none is known, `ca_bundle` when none was typed, `only` when all
    profiles are meant.

    `profiles` are those of the map; `now` is in Unix seconds."""

    environ: Mapping[str, str]
    gateway: str
    ca_bundle: str
    only: str
    profiles: list[Profile]
    now: float


Findings = Iterator[Finding]


def shown(path: str) -> str:
    """As people write it: `~/.aws/config`."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if home != "/" and path.startswith(home + "/") else path


def typed(path: str) -> str:
    """As a shell reads it."""
    short = shown(path)
    return "~/" + shlex.quote(short[2:]) if short.startswith("~/") else shlex.quote(path)


def edit(path: str) -> str:
    return f"${{EDITOR:-vi}} {typed(path)}"


def listed(names: list[str], most: int = 5) -> str:
    """`a, b and 3 more`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
