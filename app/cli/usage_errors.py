"""What `argparse` complains about, in our words. Its sentences differ between versions of Python; what is not known
here is passed on as it is."""

from __future__ import annotations

import difflib
import re

CHOICE = re.compile(r"argument (?P<what>.+?): invalid choice: '(?P<typed>.*)' \(choose from (?P<known>.*)\)", re.DOTALL)
VALUE = re.compile(r"argument (?P<what>\S+): expected one argument")
UNKNOWN = re.compile(r"unrecognized arguments: (?P<typed>.*)", re.DOTALL)
REQUIRED = re.compile(r"the following arguments are required: (?P<what>.*)")
ABOUT = re.compile(r"argument (?P<what>\S+): (?P<said>.*)", re.DOTALL)
TOGETHER = re.compile(r"argument (?P<what>\S+): not allowed with argument (?P<other>\S+)")


def plain(message: str, options: list[str]) -> str:
    """`options` are those that the command knows."""
    if found := CHOICE.fullmatch(message):
        return no_choice(found["what"], found["typed"], re.findall(r"[\w.-]+", found["known"]))
    if found := VALUE.fullmatch(message):
        return f"{found['what'].rpartition('/')[2]} needs a value"
    if found := UNKNOWN.fullmatch(message):
        return f"unknown here: {found['typed']}{meant(found['typed'].partition('=')[0], options)}"
    if found := REQUIRED.fullmatch(message):
        return f"{found['what']} is missing"
    if found := TOGETHER.fullmatch(message):
        return f"{found['what']} and {found['other']} do not go together"
    if found := ABOUT.fullmatch(message):
        return f"{found['what'].rpartition('/')[2]}: {found['said']}"
    return message


def no_choice(what: str, typed: str, known: list[str]) -> str:
    if what == "COMMAND":
        return f"there is no command {typed}{meant(typed, known)}"
    return f"{what.rpartition('/')[2]}: {typed} is none of {', '.join(known)}"


def meant(typed: str, known: list[str]) -> str:
    near = difflib.get_close_matches(typed, known, 1, 0.7)
    return f"; did you mean {near[0]}?" if near else ""
