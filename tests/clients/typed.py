"""Somebody who types: a program under a terminal of its own, and what is answered to what it asks."""

from __future__ import annotations

import os
import pty
import select
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_CURSOR, _AT_THE_TOP = "\x1b[6n", b"\x1b[1;1R"  # prompt_toolkit asks where the cursor is
DOWN, ENTER = "\x1b[B", "\r"


@dataclass(frozen=True, slots=True)
class Step:
    """When the program has written `asked`, `answer` is typed, or called."""

    asked: str
    answer: str | Callable[[], None]


def typed(
    command: Sequence[str], env: Mapping[str, str], steps: Sequence[Step], seconds: float = 300
) -> tuple[int, str]:
    """Exit code, and everything that was on the screen. Raises AssertionError with that if it does not end."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(env["HOME"])
        os.execve(command[0], list(command), dict(env))  # noqa: S606 - a program of the tests, with their own words
    try:
        screen = _converse(terminal, list(steps), time.monotonic() + seconds)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen
    except AssertionError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(terminal)


def _converse(terminal: int, steps: list[Step], end: float) -> str:
    screen, answered = "", 0
    while (part := _read(terminal, end)) is not None:
        screen += part
        if _CURSOR in part:
            os.write(terminal, _AT_THE_TOP)
        if steps and steps[0].asked in screen[answered:]:
            answered = len(screen)
            _answer(terminal, steps.pop(0).answer)
        assert time.monotonic() < end, f"it waits for something: {screen}"
    assert not steps, f"it never asked {steps[0].asked!r}: {screen}"
    return screen


def _answer(terminal: int, answer: str | Callable[[], None]) -> None:
    if isinstance(answer, str):
        _listens(terminal)
        os.write(terminal, answer.encode())
    else:
        answer()


def _listens(terminal: int) -> None:
    """What is typed before the prompt listens is thrown away. One of prompt_toolkit has turned off whole lines by then;
    a plain one never does."""
    end = time.monotonic() + 3
    while termios.tcgetattr(terminal)[3] & termios.ICANON and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.3)


def _read(terminal: int, end: float) -> str | None:
    """None when the program has hung up (EIO on Linux)."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, min(1.0, end - time.monotonic())))
    if not ready:
        return ""
    try:
        part = os.read(terminal, 4096)
    except OSError:
        return None
    return part.decode("utf-8", "replace") if part else None
