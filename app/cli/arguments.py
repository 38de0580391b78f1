"""What the commands have in common: how options are read, and the ones that many of them take."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from . import configuration, help_texts
from .failures import USAGE, Failure

Run = Callable[[Namespace], int]
HOUR = 3600.0  # seconds
DAY = 1440  # minutes


class Parser(argparse.ArgumentParser):
    """Says what is wrong in our words and with our exit code. Options are not guessed from their first letters."""

    def __init__(self, **settings: Any) -> None:
        form = argparse.RawDescriptionHelpFormatter
        super().__init__(allow_abbrev=False, formatter_class=form, **settings)
        self.takes_command = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Of `exec`, what stands behind the first `--` is another program's, and not ours to understand.

        Each command complains about what it does not know: argparse would leave that to the topmost, whose help says
        nothing about it."""
        if not self.takes_command:
            found, foreign = super().parse_known_args(args, namespace)
            if foreign not in ([], ["--"]):
                self.error(f"unrecognized arguments: {' '.join(foreign)}")
            return found, []
        cut = args.index("--") if "--" in args else len(args)
        found, foreign = super().parse_known_args(args[:cut], namespace)
        if foreign:
            is_option = foreign[0].startswith("-")
            self.error(
                f"unknown option {foreign[0]}" if is_option else f"put -- before the command: -- {foreign[0]} ..."
            )
        found.command = args[cut + 1 :]
        return found, []

    def error(self, message: str) -> NoReturn:
        from .usage_errors import plain

        known = [name for action in self._actions for name in action.option_strings]
        raise Failure(USAGE, plain(message, known), run=f"{self.prog.partition(' ')[2]} --help".strip())


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]  # argparse gives its type no public name


def command(commands: Commands, name: str, run: Run, aliases: tuple[str, ...] = ()) -> Parser:
    text = help_texts.COMMANDS[name]
    short = text.partition("\n")[0]
    made: Parser = commands.add_parser(name, aliases=list(aliases), help=short, description=text)
    made.set_defaults(run=run)
    common(made, argparse.SUPPRESS)
    return made


def common(parser: Parser, default: str | None) -> None:
    """Options that may stand before or behind the command."""
    parser.add_argument("--gateway", metavar="URL", default=default, help="the gateway (or FEDGATE_GATEWAY)")
    parser.add_argument("--ca-bundle", metavar="FILE", default=default, help="trust these certificates too (PEM)")


def json_option(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def browser_options(parser: Parser) -> None:
    parser.add_argument("--browser", metavar="CMD", default="", help="open the address with this command")


def role_argument(made: Parser) -> None:
    made.add_argument("role", nargs="?", metavar="ROLE", help="profile, role name, account/role, or ARN")
    made.add_argument("--profile", metavar="NAME", help="the same, as AWS tools write it")


def one_role(options: Namespace, name: str) -> str:
    """What was typed for the role: `ROLE` or `--profile`, and not both."""
    called = options.role or options.profile
    if options.role and options.profile:
        raise Failure(USAGE, "name one role or one profile, not both", run=f"{name} --help")
    if not called:
        raise Failure(USAGE, "say which role", run=f"{name} --help")
    return str(called)


def gateway_of(options: Namespace) -> str:
    return configuration.gateway(options.gateway or "")


def port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return int(text)


def minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:5]) <= DAY:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes from 1 to {DAY}")
    return int(text)


def duration(text: str) -> float:
    """`90`, `90s` or `5m`, as seconds."""
    unit = {"s": 1, "m": 60}.get(text[-1:], 0)
    number = text[:-1] if unit else text
    if not number.isascii() or not number.isdigit() or not 0 < int(number) * (unit or 1) <= HOUR:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 90s or 5m, up to an hour")
    return float(int(number) * (unit or 1))
