"""Variables as shells and other programs read them, so that nothing in a value can become a command.

The shells' own rules: POSIX, Shell Command Language 2.2.2 (also bash and zsh); fish documentation, "Quotes";
PowerShell, about_Quoting_Rules. cmd.exe and files of variables have no quotes that all their readers know: there a
value that would need them is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..failures import USAGE, Failure
from .child_environment import Setting

# Nothing in it is special to any shell. `=` is at the end of keys only: zsh replaces a `=` at the beginning of a word.
PLAIN = re.compile(r"[A-Za-z0-9_./+-]+(:+[A-Za-z0-9_./+-]+)*={0,2}", re.ASCII)
# PowerShell takes these for the plain one, too.
QUOTES = "'\u2018\u2019\u201a\u201b"


class Form(NamedTuple):
    """How one variable is set and how one is removed; a file of variables cannot remove any."""

    set: Callable[[str, str], str]
    remove: Callable[[str], str] | None


def posix(value: str) -> str:
    return value if PLAIN.fullmatch(value) else "'" + value.replace("'", "'\\''") + "'"


def fish(value: str) -> str:
    return value if PLAIN.fullmatch(value) else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def powershell(value: str) -> str:
    return "'" + "".join(letter * 2 if letter in QUOTES else letter for letter in value) + "'"


def bare(value: str) -> str:
    if not PLAIN.fullmatch(value):
        raise Failure(USAGE, "this format has no safe way to write one of the values; choose another --format")
    return value


# Ends with `;`, because many type eval $(...) without quotes, and then all lines become one.
FORMS: dict[str, Form] = {
    "env": Form(lambda name, value: f"export {name}={posix(value)};", lambda name: f"unset {name};"),
    "env-no-export": Form(lambda name, value: f"{name}={posix(value)}", lambda name: f"unset {name}"),
    "fish": Form(lambda name, value: f"set -gx {name} {fish(value)};", lambda name: f"set -e {name};"),
    "powershell": Form(
        lambda name, value: f"$Env:{name} = {powershell(value)}",
        lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue",
    ),
    "windows-cmd": Form(lambda name, value: f"set {name}={bare(value)}", lambda name: f"set {name}="),
    "dotenv": Form(lambda name, value: f"{name}={bare(value)}", None),
}
NAMES = (*FORMS, "json", "process", "ini")
SHELLS = {"sh": "env", "bash": "env", "zsh": "env", "pwsh": "powershell", "cmd": "windows-cmd"}


def meant(name: str) -> str:
    """The format that was typed, or that of the shell that was typed instead."""
    return SHELLS.get(name, name)


def lines(name: str, setting: Setting) -> list[str]:
    form = FORMS[name]
    removed = [form.remove(one) for one in setting.gone] if form.remove is not None else []
    return [*removed, *(form.set(*one) for one in setting.values.items())]


def removing(name: str, gone: tuple[str, ...]) -> list[str]:
    form = FORMS.get(name)
    if form is None or form.remove is None:
        raise Failure(USAGE, f"{name} has no way to remove a variable", run="env --help")
    return [form.remove(one) for one in gone]


def as_json(values: Mapping[str, str]) -> str:
    return json.dumps(dict(values), indent=2)


def ini(section: str, values: Mapping[str, str]) -> list[str]:
    """As `~/.aws/credentials` has it: no quotes, no comment behind a value."""
    return [f"[{section}]", *(f"{name} = {bare(value)}" for name, value in values.items())]


def usual(shell: str, windows: bool) -> str:
    """`shell` is a path, as SHELL has it."""
    if windows:
        return "powershell"
    return "fish" if shell.rpartition("/")[2] == "fish" else "env"
