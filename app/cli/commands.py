"""The commands that people type. Each one's own module is imported when it is the one that was typed."""

from __future__ import annotations

from . import commands_care as care
from . import commands_roles as about_roles
from . import commands_run as running
from . import commands_set_up as setting_up
from . import commands_sign_in as signing_in
from . import help_texts, output, version
from .arguments import Parser, common
from .failures import USAGE, Failure


def run(words: list[str], umask: int) -> int:
    """`umask` is the one that we were started with."""
    parser = everything()
    if not words:
        output.tell(parser.format_help())
        return USAGE
    options = parser.parse_args(words)
    if not hasattr(options, "run"):
        raise Failure(USAGE, "say which command", run="--help")
    options.umask = umask
    return int(options.run(options))


def everything() -> Parser:
    parser = Parser(prog="fedgate", description=help_texts.PROGRAM, epilog=help_texts.EXITS)
    common(parser, None)
    parser.add_argument("--version", action="version", version=version.line(), help="the same as `fedgate version`")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        signing_in.login,
        signing_in.logout,
        signing_in.status,
        about_roles.roles,
        about_roles.process,
        running.exec_,
        running.env,
        running.serve,
        signing_in.mfa,
        setting_up.configure,
        setting_up.profiles,
        about_roles.console,
        care.doctor,
        care.completion,
        care.version,
    ):
        add(commands)
    return parser
