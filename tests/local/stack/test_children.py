"""What was started is stopped, and a death is told with its last words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.stack.children import Child, Children, StackFailed
from tests.patience import SECONDS, until

STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); time.sleep(60)"
)
SLEEPER = "import time; time.sleep(60)"
PARENT = f"""
import os, sys, time
from pathlib import Path
from app.local.stack.children import Children
child = Children(Path(sys.argv[1])).start("sleeper", [sys.executable, "-c", "{SLEEPER}"], os.environ)
print(child.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    made = Children(tmp_path)
    yield made
    made.stop()


def _start(children: Children, name: str, program: str) -> Child:
    return children.start(name, [sys.executable, "-c", program], os.environ)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_child_that_dies_is_named_with_its_last_words(children: Children) -> None:
    _start(children, "Long liver", "import time; time.sleep(60)")
    short = _start(children, "Short liver", "print('no room at the inn'); raise SystemExit(3)")
    short.process.wait(SECONDS)
    with pytest.raises(StackFailed, match=r"Short liver ended with status 3(.|\n)*no room at the inn"):
        children.check()


def test_a_child_that_dies_while_another_is_awaited_ends_the_wait(children: Children) -> None:
    waited_for = _start(children, "Slow one", "import time; time.sleep(60)")
    _start(children, "Failing one", "raise SystemExit(1)")
    with pytest.raises(StackFailed, match="Failing one"):
        children.wait_until(waited_for, lambda: False)


def test_stopping_ends_every_child(children: Children) -> None:
    started = [_start(children, name, "import time; time.sleep(60)") for name in ("One", "Two", "Three")]
    children.stop()
    assert [child.is_alive() for child in started] == [False, False, False]


def test_a_child_that_ignores_the_signal_goes_with_all_that_it_started(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.local.stack.children._GOODBYE", 0.2)
    child = _start(children, "Stubborn", STUBBORN)
    children.wait_until(child, lambda: child.log.read_text().strip().isdigit())
    grandchild = int(child.log.read_text())
    children.stop()
    assert not child.is_alive()
    until(lambda: not _alive(grandchild))


def test_children_do_not_outlive_a_stack_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        sleeper = int(parent.stdout.readline())
        # Before that, setpriv has not yet asked to die with its parent. The name of a process would not do: for a
        # moment the child still has the parent's.
        until(lambda: Path(f"/proc/{sleeper}/cmdline").read_bytes().endswith(f"\0-c\0{SLEEPER}\0".encode()))
        until(lambda: b"setpriv" not in Path(f"/proc/{sleeper}/cmdline").read_bytes())
        parent.send_signal(signal.SIGKILL)
    until(lambda: not _alive(sleeper))
