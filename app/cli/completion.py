"""`fedgate completion`: a script for the shell. Commands and options stand in it; the names of profiles the shell reads
itself, at each TAB, from the two files in which they are."""

from __future__ import annotations

from . import commands, completion_bash, completion_fish, completion_words, completion_zsh, output

WRITERS = {"bash": completion_bash.script, "zsh": completion_zsh.script, "fish": completion_fish.script}


def run(shell: str) -> int:
    output.data(WRITERS[shell](completion_words.read(commands.everything())).rstrip("\n"))
    return 0
