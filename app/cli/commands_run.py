"""The commands that bring credentials to programs: `exec`, `env`, `serve`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import Parser, command, json_option, port, role_argument
from .failures import USAGE, Failure
from .running import shell_formats

if TYPE_CHECKING:
    from .arguments import Commands


def exec_(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from .running import role_choice, run_command

        if not options.command:
            raise Failure(USAGE, "say what to run: fedgate exec ROLE -- COMMAND ...", run="exec --help")
        role = role_choice.called(options.role, options.profile, "exec")
        place = (role, options.gateway or "", options.ca_bundle or "", checked_region(options.region))
        way = (options.keys, options.serve, options.force)
        return run_command.run(run_command.Wish(*place, *way, options.command, options.umask))

    made = command(commands, "exec", run)
    made.takes_command = True
    made.usage = "fedgate exec [ROLE] [options] -- COMMAND ..."
    role_argument(made)
    region_option(made)
    ways = made.add_mutually_exclusive_group()
    ways.add_argument(
        "--keys", action="store_true", help="put keys into the environment, for programs that know no more"
    )
    ways.add_argument("--serve", action="store_true", help="an endpoint as long as the command runs; needs no profile")
    made.add_argument("--force", action="store_true", help="also inside another fedgate exec")


def env(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from .running import env, role_choice

        form = "json" if options.json else options.format
        if options.unset:
            return env.unset(form)
        role = role_choice.called(options.role, options.profile, "env")
        place = (role, options.gateway or "", options.ca_bundle or "", checked_region(options.region))
        return env.run(env.Wish(*place, form, options.profile_only))

    made = command(commands, "env", run)
    role_argument(made)
    region_option(made)
    formats = made.add_mutually_exclusive_group()
    named = f"one of {', '.join(shell_formats.NAMES)}; or a shell: {', '.join(shell_formats.SHELLS)}"
    choices, meant = shell_formats.NAMES, shell_formats.meant
    formats.add_argument("--format", type=meant, choices=choices, default="", metavar="NAME", help=named)
    formats.add_argument("--json", action="store_true", help="the same as --format json")
    what = made.add_mutually_exclusive_group()
    what.add_argument("--profile-only", action="store_true", help="set AWS_PROFILE, and no keys")
    what.add_argument("--unset", action="store_true", help="take all of it out of the shell again")


def serve(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from .running import serve

        place = (options.gateway or "", options.ca_bundle or "", options.port, options.token_file)
        return serve.run(serve.Wish(options.role, options.all, *place, options.json))

    made = command(commands, "serve", run)
    made.add_argument("role", nargs="*", metavar="ROLE", help="profile, role name, account/role, or ARN")
    made.add_argument("--all", action="store_true", help="every profile of the gateway")
    made.add_argument("--port", type=port, default=0, help="the port on 127.0.0.1 (default: any that is free)")
    made.add_argument("--token-file", metavar="FILE", default="", help="put the token there (0600), and print none")
    json_option(made)


def region_option(made: Parser) -> None:
    made.add_argument("--region", default="", help="use this region, not the profile's own")


def checked_region(typed: str) -> str:
    if typed:
        from .profiles import profile_names

        profile_names.check_region(typed)
    return typed
