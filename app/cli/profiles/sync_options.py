"""What `profiles sync` was asked to do, and what it was asked the last time: the BEGIN line of the block remembers.

A bare `profiles sync` thus gives the same names again, and whoever opens the file sees how to make the block anew.
"""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from ..failures import USAGE, Failure
from . import profile_names, profile_template

COMMAND = "profiles sync"
GENERATED = "generated, only added settings stay: fedgate"
NAMES = ("prefix", "template", "region")


class Naming(NamedTuple):
    """None: not typed. Empty: typed, to have the usual again."""

    prefix: str | None = None
    template: str | None = None
    region: str | None = None
    prune: bool | None = None

    def check(self) -> None:
        """What was typed, before the gateway is asked for anything."""
        profile_names.check_prefix(self.prefix or "")
        profile_template.check(self.template or "")
        profile_names.check_region(self.region or "")

    def completed(self, remembered: Naming) -> Chosen:
        """What was typed wins, one by one."""
        prefix, template, region = (_first(getattr(self, name), getattr(remembered, name)) for name in NAMES)
        prune = self.prune if self.prune is not None else remembered.prune
        Naming(prefix, template, region).check()
        return Chosen(prefix, template, region, prune is not False)


class Chosen(NamedTuple):
    prefix: str
    template: str
    region: str
    prune: bool

    def begin_line(self, owner: str, command: str = COMMAND) -> str:
        """ASCII only, since some readers open the file in the locale's encoding."""
        options = [f" --{name} {shlex.quote(value)}" for name in NAMES if (value := getattr(self, name))]
        options += [] if self.prune else [" --no-prune"]
        return f"# BEGIN fedgate {owner} - {GENERATED} {command}{''.join(options)}"


def _first(typed: str | None, kept: str | None) -> str:
    return typed if typed is not None else kept or ""


def remembered(remark: str, command: str = COMMAND) -> Naming:
    """Of the BEGIN line, which anybody may have edited: what cannot be read there is refused, not guessed."""
    typed = remark.partition(command)[2]
    try:
        words = shlex.split(typed)
    except ValueError:
        raise unreadable(typed, command) from None
    found: dict[str, str] = {}
    prune: bool | None = None
    while words:
        word = words.pop(0)
        name = word[2:] if re.fullmatch("--(prefix|template|region)", word) else ""
        if name and words:
            found[name] = words.pop(0)
        elif word == "--no-prune":
            prune = False
        else:
            raise unreadable(typed, command)
    return Naming(found.get("prefix"), found.get("template"), found.get("region"), prune)


def unreadable(typed: str, command: str) -> Failure:
    return Failure(USAGE, f"the BEGIN line of fedgate's block cannot be read:{typed}\nDelete what follows `{command}`.")
