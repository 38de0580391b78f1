"""The commands that people type, and their options. Each command is imported when it is the one that was typed."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from . import configuration, help_texts, output
from .failures import USAGE, Failure

Run = Callable[[Namespace], int]
HOUR = 3600.0  # seconds
DAY = 1440  # minutes


class Parser(argparse.ArgumentParser):
    """Says what is wrong in our words and with our exit code. Options are not guessed from their first letters."""

    def __init__(self, **settings: Any) -> None:
        form = argparse.RawDescriptionHelpFormatter
        super().__init__(allow_abbrev=False, formatter_class=form, **settings)

    def error(self, message: str) -> NoReturn:
        raise Failure(USAGE, message, run=f"{self.prog.partition(' ')[2]} --help".strip())


def run(words: list[str]) -> int:
    parser = everything()
    if not words:
        output.tell(parser.format_help())
        return USAGE
    options = parser.parse_args(words)
    return int(options.run(options))


def everything() -> Parser:
    parser = Parser(prog="fedgate", description=help_texts.PROGRAM, epilog=help_texts.EXITS)
    common(parser, None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (login, logout, status, roles, process, mfa, configure, profiles, console, version):
        add(commands)
    return parser


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


def login(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import login

        open_browser = not options.no_browser
        place = (gateway_of(options), options.ca_bundle or "")
        way = (options.force, open_browser, options.browser, options.port, options.timeout)
        return login.run(login.Wish(*place, *way, options.device, options.mfa, options.max_age))

    made = command(commands, "login", run)
    made.add_argument("--force", action="store_true", help="sign in again, even if you are signed in")
    made.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    browser_options(made)
    made.add_argument("--device", action="store_true", help="type a code into a browser elsewhere")
    made.add_argument("--mfa", action="store_true", help="sign in anew, with a second factor")
    age = "sign in anew, unless your company has seen you within so many minutes"
    made.add_argument("--max-age", type=minutes, default=0, metavar="MINUTES", help=age)
    made.add_argument("--port", type=port, default=0, help="the port on 127.0.0.1 to which the browser comes back")
    made.add_argument("--timeout", type=duration, default=300.0, metavar="TIME", help="such as 90, 90s or 5m (default)")


def logout(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import logout

        return logout.run(gateway_of(options), options.ca_bundle or "")

    command(commands, "logout", run)


def status(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import status

        return status.run(gateway_of(options), options.ca_bundle or "", options.check, options.json)

    made = command(commands, "status", run, ("whoami",))
    made.add_argument("--check", action="store_true", help="print nothing: exit 0 if signed in, else 4")
    json_option(made)


def roles(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import roles

        return roles.run(gateway_of(options), options.ca_bundle or "", options.filter, options.json)

    made = command(commands, "roles", run, ("ls",))
    made.add_argument("filter", nargs="*", metavar="FILTER", help="only roles that contain all these words")
    json_option(made)


def process(commands: Commands) -> None:
    """For its help only; `__main__` takes the short way when it is meant to run."""

    def run(options: Namespace) -> int:
        raise Failure(USAGE, "write --help alone", run="credential-process --help")

    made = command(commands, "credential-process", run, ("process", "credential_process"))
    made.add_argument("--profile", metavar="NAME", help="a profile that `profiles sync` has written")
    made.add_argument("--role-arn", metavar="ARN", help="or a role by its ARN")
    made.add_argument("--account", metavar="ID", help="or a role by its account ...")
    made.add_argument("--role", metavar="NAME", help="... and its name, with its path if it has one")
    made.add_argument("--max-wait", metavar="SECONDS", help="how long to wait for another fedgate (default: 4)")


def mfa(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import mfa

        called = options.role or options.profile
        if not called or (options.role and options.profile):
            raise Failure(USAGE, "name one role or one profile", run="mfa --help")
        return mfa.run(gateway_of(options), options.ca_bundle or "", called)

    made = command(commands, "mfa", run)
    made.add_argument("role", nargs="?", metavar="PROFILE", help="profile, role name, account/role, or ARN")
    made.add_argument("--profile", metavar="NAME", help="the same, as AWS tools write it")


def configure(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import configure

        return configure.run(gateway_of(options), options.ca_bundle or "")

    command(commands, "configure", run)


def profiles(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import sync

        place = (gateway_of(options), options.ca_bundle or "")
        return sync.run(sync.Wish(*place, options.dry_run, options.prefix, options.region))

    def unnamed(options: Namespace) -> int:
        raise Failure(USAGE, "say what to do with the profiles", run="profiles sync")

    group = command(commands, "profiles", unnamed)
    made = command(group.add_subparsers(title="commands", metavar="COMMAND"), "sync", run)
    made.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")
    made.add_argument("--prefix", default="", help="put this in front of every profile's name")
    made.add_argument("--region", default="", help="use this region in every profile, not each role's own")


def console(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import console
        from .gateway import Gateway

        called = options.role or options.profile
        if not called or (options.role and options.profile):
            raise Failure(USAGE, "name one role or one profile", run="console --help")
        gateway = Gateway(gateway_of(options), options.ca_bundle or "")
        return console.run(gateway, called, options.destination, options.browser, options.url, options.json)

    made = command(commands, "console", run)
    made.add_argument("role", nargs="?", metavar="ROLE", help="profile, role name, account/role, or ARN")
    made.add_argument("--profile", metavar="NAME", help="the same, as AWS tools write it")
    made.add_argument("--destination", metavar="URL", default="", help="the page of the console to open")
    made.add_argument("-u", "--url", action="store_true", help="print the address instead of opening it")
    browser_options(made)
    json_option(made)


def version(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import version

        return version.run(options.json)

    json_option(command(commands, "version", run))


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
