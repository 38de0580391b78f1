"""A program that runs while a test needs it: started, awaited, its words kept, ended by its own process id."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import requests

LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_000)  # below the range from which the kernel takes ports for outgoing connections
READY_SECONDS = 180.0  # two worlds that start at once, beside linters, have taken most of a minute
STOP_SECONDS = 5.0


_given: set[int] = set()


def _ours() -> range:
    """Each part of a run (pytest-xdist) has a slice: what one was given and has not taken yet, no other is given."""
    part, parts = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    size = len(PORTS) // int(parts)
    return PORTS[int(part.removeprefix("gw")) * size :][:size]


def free_port(row: int = 1) -> int:
    """A loopback port that nobody uses, and that this run has not given before: the first of `row` in a row.

    Asking the kernel for port 0 gives one that an outgoing connection may take a moment later; these it leaves
    alone, and a random one of twelve thousand is not what the test run next to us is about to take. A run asks for
    some hundreds, so that chance alone would give one twice: to two servers, or to two folders named after it.
    """
    ours = _ours()
    for _ in range(200):
        first = ours.start + secrets.randbelow(len(ours) - row + 1)
        ports = range(first, first + row)
        if _given.isdisjoint(ports) and all(_nobody_listens(port) for port in ports):
            _given.update(ports)
            return first
    raise OSError(f"no free port on loopback, or not {row} in a row")


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what the last connection left is nobody's
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


class Process:
    """One program with its children, in a process group of its own. `log` gets both of its streams.

    `is_ready` is asked until it says yes; start raises RuntimeError with the end of the log when the program
    ends first or does not become ready in time.
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        log: Path,
        is_ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.arguments = [str(argument) for argument in arguments]
        self.log = log
        self._is_ready = is_ready
        self._env = {**os.environ, **(env or {})}
        self._cwd = cwd
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._running is not None, "not started"
        return self._running.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """For a command beside it that must be told the same."""
        return self._env

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,  # so that the workers it forks can be ended with it, and nobody else
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Ask it to end; insist after a while. Safe to call twice."""
        self.signal(signal.SIGTERM)
        if self._running is not None:
            with suppress(subprocess.TimeoutExpired):
                self._running.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """As a crash does: no last words, nothing tidied up. Its children go too."""
        self.signal(signal.SIGKILL)
        if self._running is not None:
            self._running.wait()
            self._running = None

    def signal(self, number: signal.Signals) -> None:
        """To it and to its children; nothing happens when it is not running."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, number)

    def _wait(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            code = self._running.poll() if self._running else None
            if code is not None or time.monotonic() > end:
                what = "is not ready" if code is None else f"ended with {code}"
                raise RuntimeError(f"{self.arguments[0]} {what}:\n{self.output[-2000:]}")
            time.sleep(0.03)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def answers(url: str) -> bool:
    """True when a GET of this loopback address is answered with 200."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            return http.get(url, timeout=60).status_code == 200
        except requests.RequestException:
            return False
