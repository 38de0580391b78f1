"""The commands about fedgate itself: `version`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import command, json_option

if TYPE_CHECKING:
    from .arguments import Commands


def version(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import version

        return version.run(options.json)

    json_option(command(commands, "version", run))
