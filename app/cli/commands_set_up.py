"""The commands that lead AWS tools to the gateway: `configure`, `profiles`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from . import configuration
from .arguments import Parser, command, gateway_of, json_option
from .failures import USAGE, Failure

if TYPE_CHECKING:
    from argparse import _ActionsContainer as Options  # argparse gives its type no public name

    from .arguments import Commands


def configure(commands: Commands) -> None:
    made = command(commands, "configure", set_up)
    how = "how `login` signs in from now on (usual: auto)"
    made.add_argument("--login", choices=configuration.WAYS, default="", help=how)
    made.add_argument("--native", action="store_true", help="let AWS tools reach the gateway without fedgate")
    native = made.add_argument_group("with --native")
    how_to_write(native)
    native.add_argument("--default", action="store_true", help="add the line `services` to [default] too")
    native.add_argument("--models", action="store_true", help="for an AWS CLI older than 2.13: ~/.aws/models")
    native.add_argument("--remove", action="store_true", help="take all of it out again")
    json_option(made)


def set_up(options: Namespace) -> int:
    from . import configure
    from .profiles import native
    from .profiles.sync_options import Naming

    if not options.native:
        refuse_without_native(options)
        return configure.run(gateway_of(options), options.ca_bundle, options.login)
    if options.login:
        raise Failure(USAGE, "--login does not go with --native", run="configure --help")
    if options.remove:
        return native.remove(gateway_of(options), options.aws_config)
    place = (gateway_of(options), options.ca_bundle or "")
    naming = Naming(options.prefix, options.template, options.region)
    wish = native.Wish(*place, naming, options.aws_config, way(options), options.json, options.default, options.models)
    return native.run(wish)


def refuse_without_native(options: Namespace) -> None:
    names = ("dry_run", "print", "template", "prefix", "region", "aws_config", "default", "models", "remove", "json")
    for name in names:
        if getattr(options, name):
            raise Failure(USAGE, f"--{name.replace('_', '-')} goes with --native", run="configure --help")


def profiles(commands: Commands) -> None:
    def unnamed(options: Namespace) -> int:
        raise Failure(USAGE, "say what to do with the profiles", run="profiles sync")

    group = command(commands, "profiles", unnamed)
    made = command(group.add_subparsers(title="commands", metavar="COMMAND"), "sync", sync)
    how_to_write(made)
    prune_options(made)
    json_option(made)


def how_to_write(made: Options) -> None:
    made.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")
    made.add_argument("--print", action="store_true", help="print the lines instead of writing them")
    made.add_argument("--template", metavar="TEXT", help="how profiles are called: '{account}.{role}'")
    made.add_argument("--prefix", metavar="TEXT", help="put this in front of every profile's name")
    made.add_argument("--region", metavar="REGION", help="use this region in every profile, not each role's own")
    made.add_argument("--aws-config", metavar="FILE", default="", help="this file instead of ~/.aws/config")


def prune_options(made: Parser) -> None:
    prune = made.add_mutually_exclusive_group()
    off, on = "keep the profiles of roles that you have lost", "remove the profiles of roles that you have lost (usual)"
    prune.add_argument("--no-prune", dest="prune", action="store_false", default=None, help=off)
    prune.add_argument("--prune", dest="prune", action="store_true", default=None, help=on)


def sync(options: Namespace) -> int:
    from .profiles import sync
    from .profiles.sync_options import Naming

    naming = Naming(options.prefix, options.template, options.region, options.prune)
    place = (gateway_of(options), options.ca_bundle or "")
    return sync.run(sync.Wish(*place, naming, options.aws_config, way(options), options.json))


def way(options: Namespace) -> str:
    """Write, or only show."""
    from .profiles.sync import DRY_RUN, PRINT, WRITE

    if options.print and (options.dry_run or options.json):
        raise Failure(USAGE, f"--print and {'--dry-run' if options.dry_run else '--json'} do not go together")
    return PRINT if options.print else DRY_RUN if options.dry_run else WRITE
