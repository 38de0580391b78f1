"""The program that a person means by a command, and the exit codes for one that cannot be run."""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

from ..failures import Failure, printable

NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as shells say it (POSIX, Shell Command Language 2.8.2)
SHELL = "/bin/sh"


class Program(NamedTuple):
    """`words` are as typed; `path` is where the first of them was found."""

    path: str
    words: list[str]

    def by_the_shell(self) -> Program:
        """A script without `#!`, which the system does not start and shells do (POSIX, execvp)."""
        return Program(SHELL, ["sh", self.path, *self.words[1:]])

    def refused(self, problem: OSError) -> Failure:
        return refusal(NOT_EXECUTABLE, self.words[0], problem.strerror or "cannot be started")


def find(words: list[str]) -> Program:
    """Exit code 127 when there is none, 126 when it may not be run."""
    name = words[0]
    path = shutil.which(name)
    if path is not None:
        return Program(path, words)
    there = name if os.path.dirname(name) and os.path.lexists(name) else shutil.which(name, os.F_OK)
    if there:
        raise refusal(NOT_EXECUTABLE, name, "is a directory" if os.path.isdir(there) else "permission denied")
    raise refusal(NOT_FOUND, name, "command not found")


def refusal(code: int, name: str, why: str) -> Failure:
    return Failure(code, f"{printable(name)}: {why.lower()}")
