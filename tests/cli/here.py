"""fedgate as it is typed, without a process for each time: for tests that type it hundreds of times.

What belongs to a process (the zipapp, exit codes, signals, locks between programs) is typed at a `Terminal`."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from app.cli import commands, output
from app.cli.failures import Failure
from tests.cli.terminal import Terminal, Typed


@dataclass(frozen=True)
class Here:
    """The same home, and the same environment, as the terminal's."""

    terminal: Terminal

    def __post_init__(self) -> None:
        self.program.parent.mkdir()
        self.program.write_text("#!/bin/sh\n")
        self.program.chmod(0o755)

    @property
    def program(self) -> Path:
        return self.terminal.home / "bin/fedgate"

    @property
    def config(self) -> Path:
        return self.terminal.aws_config

    def type(self, *words: str) -> Typed:
        out, err = io.StringIO(), io.StringIO()
        with self.place() as before, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = commands.run(list(words), before)
            except Failure as failure:
                output.explain(failure)
                code = failure.code
        return Typed(code, out.getvalue(), err.getvalue())

    @contextlib.contextmanager
    def place(self) -> Iterator[int]:
        """As an installed program, whose files are as private as `__main__` makes them. Gives the umask of before."""
        before = os.umask(0o077)
        try:
            with (
                mock.patch.dict(os.environ, self.terminal.env, clear=True),
                mock.patch("sys.argv", [str(self.program)]),
            ):
                yield before
        finally:
            os.umask(before)
