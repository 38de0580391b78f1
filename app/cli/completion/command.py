"""`fedgate completion`: a script for the shell. Commands and options stand in it; the names of profiles the shell reads
itself, at each TAB, from the two files in which they are."""

from __future__ import annotations

from .. import commands, output
from . import bash, fish, words, zsh

WRITERS = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}


def run(shell: str) -> int:
    output.data(WRITERS[shell](words.read(commands.everything())).rstrip("\n"))
    return 0
