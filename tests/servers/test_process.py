"""Programs that do not start say why, and their children do not outlive them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.servers.process import Process

PARENT = "import os, time; child = os.fork(); print('child', child, flush=True) if child else None; time.sleep(60)"


def test_a_program_that_ends_at_once_tells_its_last_words(tmp_path: Path) -> None:
    broken = Process([sys.executable, "-c", "raise SystemExit('no such luck')"], log=tmp_path / "log", is_ready=bool)
    with pytest.raises(RuntimeError, match="ended with 1:\nno such luck"):
        broken.start()


def test_its_children_end_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Process([sys.executable, "-c", PARENT], log=log, is_ready=lambda: "child" in log.read_text()):
        child = int(log.read_text().split()[1])
        os.kill(child, 0)
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    """A zombie that init has not collected yet has ended."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
