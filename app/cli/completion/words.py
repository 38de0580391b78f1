"""What can be typed, read from the very parser that reads it, so that a script never offers what is refused."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from ..arguments import Parser
from ..console_services import BY_NAME

# What stands for a value in the help tells what may be offered for it.
PROFILES, ROLES, FILES, PROGRAMS, NONE = "profiles", "roles", "files", "programs", "none"
KINDS = {"ROLE": ROLES, "PROFILE": PROFILES, "FILE": FILES, "CMD": PROGRAMS}
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("af-south-1", "il-central-1", "me-central-1", "me-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1"),
    *("ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"),
    *("ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7"),
    *("us-gov-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"),
)
WORDS = {"REGION": REGIONS, "SERVICE": tuple(sorted(BY_NAME))}


class Value(NamedTuple):
    """What may stand for a value: fixed words, or one of the kinds that the shell finds by itself."""

    kind: str
    words: tuple[str, ...] = ()


class Option(NamedTuple):
    """`value` is None for one that takes none."""

    names: tuple[str, ...]
    help: str
    value: Value | None


class Command(NamedTuple):
    """`names` begins with the usual one. `positional` is what its words may be; `takes_command`: behind `--` stands
    somebody else's command."""

    names: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    positional: Value | None
    commands: tuple[Command, ...]
    takes_command: bool


def read(parser: Parser, names: tuple[str, ...] = ("fedgate",), help: str = "") -> Command:
    actions = parser._actions  # argparse has no public list, and this one since it exists
    options = tuple(option(one) for one in actions if one.option_strings)
    below = next((one for one in actions if isinstance(one, argparse._SubParsersAction)), None)
    plain = next((value(one) for one in actions if not one.option_strings and one is not below), None)
    takes_command = getattr(parser, "takes_command", False) is True
    return Command(names, help, options, plain, commands(below) if below else (), takes_command)


def commands(group: argparse._SubParsersAction[Parser]) -> tuple[Command, ...]:
    """In the order of the help; an alias is one more name of its command."""
    names: dict[int, list[str]] = {}
    for name, parser in group.choices.items():
        names.setdefault(id(parser), []).append(name)
    helps = {str(one.dest): str(one.help or "") for one in group._choices_actions}
    parsers = {id(parser): parser for parser in group.choices.values()}
    return tuple(read(parsers[key], tuple(found), helps.get(found[0], "")) for key, found in names.items())


def option(action: argparse.Action) -> Option:
    text = (action.help or "").replace("%%", "%")
    return Option(tuple(action.option_strings), text, None if action.nargs == 0 else value(action))


def value(action: argparse.Action) -> Value:
    if action.choices:
        return Value(NONE, tuple(str(one) for one in action.choices))
    if "--profile" in action.option_strings:
        return Value(PROFILES)
    said = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return Value(KINDS.get(said, NONE), WORDS.get(said, ()))


def paths(top: Command) -> list[tuple[str, Command]]:
    """Every command with the words that lead to it: `""`, `"login"`, `"profiles"`, `"profiles sync"`."""
    found = [("", top)]
    for one in top.commands:
        found.append((one.names[0], one))
        found += [(f"{one.names[0]} {below.names[0]}", below) for below in one.commands]
    return found
