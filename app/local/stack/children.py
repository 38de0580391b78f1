"""The processes of the stack: started, watched, and stopped by their own process ids.

A child runs in a session of its own, so that Ctrl-C reaches us alone and we stop them in order; and it is sent
SIGTERM by the kernel if we die without having done so (`setpriv --pdeathsig`, of util-linux).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Command = Sequence[str | Path]

_PATIENCE = 180.0  # seconds until a child must answer: a first start on a busy machine compiles a lot
_GOODBYE = 10.0  # seconds from SIGTERM to SIGKILL
_LAST_LINES = 15


class StackFailed(Exception):
    """The stack cannot go on; the text is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def epitaph(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        tail = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
        return f"{self.name} ended with status {self.process.poll()}. The last lines of {self.log}:\n{tail}"


@dataclass(slots=True)
class Children:
    """What runs now, in the order of starting."""

    logs: Path
    _running: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Command, environment: Mapping[str, str]) -> Child:
        """`environment` is everything that the child sees of ours. Secrets go there or in files, never in `command`."""
        log = self.logs / f"{name.replace(' ', '-').lower()}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*_dying_with_us(), *map(str, command)],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def wait_until(self, child: Child, answers: Callable[[], bool]) -> None:
        """Raises StackFailed if any child dies meanwhile, or if this one does not answer in time."""
        end = time.monotonic() + _PATIENCE
        while not answers():
            self.check()
            if time.monotonic() > end:
                raise StackFailed(f"{child.name} does not answer after {_PATIENCE:.0f} seconds; its log: {child.log}")
            time.sleep(0.05)

    def check(self) -> None:
        for child in self._running:
            if not child.is_alive():
                raise StackFailed(child.epitaph())

    def stop(self) -> None:
        """Last started, first stopped: the gateway finishes its requests while Redis still answers."""
        while self._running:
            child = self._running.pop()
            child.process.terminate()
            try:
                child.process.wait(_GOODBYE)
            except subprocess.TimeoutExpired:
                _kill_session(child.process.pid)
                child.process.wait()


def _dying_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _kill_session(leader: int) -> None:
    """The child made itself the leader of a session of its own, so the group holds only what it started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
