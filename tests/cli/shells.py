"""Real shells that are asked what they would offer at TAB: all lines in one shell, because each is slow to start.

In each of them `complete` returns, for every line, the words that are offered.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.cli.terminal import Terminal

SECONDS = 60

BASH = """
source "$1"; shift
set -u
while [ $# -gt 0 ]; do
  IFS=$'\\037' read -ra COMP_WORDS <<<"$1"; shift
  # `read` drops an empty last word.
  [ "$1" = full ] || COMP_WORDS+=('')
  shift
  COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )) COMP_LINE=${COMP_WORDS[*]} COMP_POINT=0
  _fedgate
  for one in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do printf 'MATCH:%s\\n' "$one"; done
  echo DONE:
done
"""
FISH = """
source $argv[1]
for line in $argv[2..-1]
    complete -C $line | string replace -r '\\t.*' '' | string replace -r '^' MATCH:
    echo DONE:
end
"""
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= PROMPT=; unsetopt prompt_cr prompt_sp; autoload -U compinit; compinit -u -D; source $1; shift"
# Each word that a completion function offers is noted, and then offered.
zpty -w shell 'compadd() { local -a __seen; builtin compadd -O __seen "$@"
  for one in $__seen; do print -r -- "MATCH:$one"; done; builtin compadd "$@" }'
zpty -w shell 'over() { BUFFER=; print -r -- "DON""E:" }; zle -N over; bindkey "^G" over'
zpty -w shell 'print -r -- "READ""Y:"'
zpty -r shell said '*READY:*'
shift
for line; do
  zpty -w -n shell "$line"$'\t\a'
  zpty -r shell said '*DONE:*'
  print -r -- $said
done
zpty -d shell
"""


def complete(shell: str, terminal: Terminal, script: Path, lines: list[str]) -> list[list[str]]:
    folder = terminal.home
    programs = {"bash": BASH, "fish": FISH, "zsh": ZSH}
    driver = folder / f"driver.{shell}"
    driver.write_text(programs[shell])
    words = bash_words(lines) if shell == "bash" else lines
    options = {"bash": ["--norc"], "fish": ["--no-config"], "zsh": ["-f"]}[shell]
    ran = subprocess.run(
        [shell, *options, str(driver), str(script), *words],
        env=terminal.env | {"TERM": "dumb", "PATH": os.environ["PATH"]},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == "", ran.stderr
    # zsh asks its own functions more than once.
    found = [list(dict.fromkeys(re.findall(r"MATCH:(\S+)", part))) for part in ran.stdout.split("DONE:")]
    assert len(found) == len(lines) + 1, ran.stdout
    return found[:-1]


def bash_words(lines: list[str]) -> list[str]:
    """As readline cuts a line: at blanks, and at `=` (COMP_WORDBREAKS)."""
    found: list[str] = []
    for line in lines:
        words = [word for part in line.split(" ") for word in (re.split("(=)", part) if part else [""])]
        found += ["\x1f".join(words), "full" if words[-1] else "empty"]
    return found
