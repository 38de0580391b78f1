"""A command beside which fedgate stays: its signals, its stops, and how it ended."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .program import Program

FROM_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, *FROM_THE_KEYBOARD)


def run(program: Program, environment: Mapping[str, str], umask: int) -> int:
    """Its exit code; 128 + n when signal n ended it."""
    with passing_signals_on() as to:
        started = start(program, environment, umask)
        to.append(started.pid)
        started.returncode = waited(started.pid)
        return started.returncode


def start(program: Program, environment: Mapping[str, str], umask: int) -> subprocess.Popen[bytes]:
    """Descriptors stay open, or `cmd <(...)` would find its pipe closed; our own are not inheritable."""

    def start(one: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(one.words, executable=one.path, env=environment, close_fds=False, umask=umask)  # noqa: S603  # as typed

    try:
        return start(program)
    except OSError as problem:
        if problem.errno == errno.ENOEXEC:
            return start(program.by_the_shell())
        raise program.refused(problem) from None


@contextmanager
def passing_signals_on() -> Iterator[list[int]]:
    """What is sent to us is meant for the command, whose process id is to be put into the list."""
    to: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if not to:
            raise SystemExit(128 + number)
        if number not in FROM_THE_KEYBOARD or not is_in_front():
            os.kill(to[0], number)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON if not ignored(number)}
    try:
        yield to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignored(number: signal.Signals) -> bool:
    """By whoever started us (`nohup`, `&` in a script); then the command is to ignore it too."""
    return signal.getsignal(number) is signal.SIG_IGN


def is_in_front() -> bool:
    """Whether Ctrl-C reaches the command by itself. Twice would be another word: Terraform then stops at once, and
    leaves its state behind."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def waited(process: int) -> int:
    """When the command stops (Ctrl-Z, `suspend`), so do we: else the shell would wait for us for ever."""
    while True:
        _, status = os.waitpid(process, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(process, signal.SIGCONT)
