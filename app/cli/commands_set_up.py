"""The commands that lead AWS tools to the gateway: `configure`, `profiles`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import Parser, command, gateway_of, json_option
from .failures import USAGE, Failure

if TYPE_CHECKING:
    from .arguments import Commands


def configure(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import configure

        return configure.run(gateway_of(options), options.ca_bundle or "")

    command(commands, "configure", run)


def profiles(commands: Commands) -> None:
    def unnamed(options: Namespace) -> int:
        raise Failure(USAGE, "say what to do with the profiles", run="profiles sync")

    group = command(commands, "profiles", unnamed)
    made = command(group.add_subparsers(title="commands", metavar="COMMAND"), "sync", sync)
    made.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")
    made.add_argument("--print", action="store_true", help="print the lines instead of writing them")
    made.add_argument("--template", metavar="TEXT", help="how profiles are called: '{account}.{role}'")
    made.add_argument("--prefix", metavar="TEXT", help="put this in front of every profile's name")
    made.add_argument("--region", metavar="REGION", help="use this region in every profile, not each role's own")
    prune_options(made)
    made.add_argument("--aws-config", metavar="FILE", default="", help="this file instead of ~/.aws/config")
    json_option(made)


def prune_options(made: Parser) -> None:
    prune = made.add_mutually_exclusive_group()
    off, on = "keep the profiles of roles that you have lost", "remove the profiles of roles that you have lost (usual)"
    prune.add_argument("--no-prune", dest="prune", action="store_false", default=None, help=off)
    prune.add_argument("--prune", dest="prune", action="store_true", default=None, help=on)


def sync(options: Namespace) -> int:
    from . import sync
    from .sync_options import Naming

    ways = {sync.DRY_RUN: options.dry_run, sync.PRINT: options.print}
    chosen = [way for way, wanted in ways.items() if wanted] or [sync.WRITE]
    if len(chosen) > 1 or (options.print and options.json):
        raise Failure(USAGE, "only one of --dry-run, --print; and --print has no --json", run="profiles sync --help")
    naming = Naming(options.prefix, options.template, options.region, options.prune)
    place = (gateway_of(options), options.ca_bundle or "")
    return sync.run(sync.Wish(*place, naming, options.aws_config, chosen[0], options.json))
