"""The commands about fedgate itself: `doctor`, `completion`, `version`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import command, json_option

if TYPE_CHECKING:
    from .arguments import Commands


def doctor(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from .doctor import command as doctor

        return doctor.run(options.gateway or "", options.ca_bundle or "", options.profile or "", options.json)

    made = command(commands, "doctor", run)
    made.add_argument("profile", nargs="?", metavar="PROFILE", help="look at this profile only")
    json_option(made)


def completion(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from .completion.command import run as printed  # by name: mypy loses a module in a circle

        return printed(options.shell)

    made = command(commands, "completion", run)
    made.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell whose script is wanted")


def version(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import version

        return version.run(options.json)

    json_option(command(commands, "version", run))
