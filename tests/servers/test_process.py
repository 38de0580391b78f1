"""Programs that do not start say why, and their children do not outlive them."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.patience import until
from tests.servers.process import LOOPBACK, Process, free_port

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
    until(lambda: not is_running(child))


def test_no_port_is_given_twice() -> None:
    rows = [range(first, first + 3) for first in (free_port(row=3) for _ in range(200))]
    given = [port for row in rows for port in row] + [free_port() for _ in range(400)]
    assert len(set(given)) == len(given) == 1_000


def test_a_port_on_which_somebody_listens_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port(row=2)
    monkeypatch.setattr("tests.servers.process.PORTS", range(first, first + 2))
    monkeypatch.setattr("tests.servers.process._given", set())
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    with socket.create_server((LOOPBACK, first)):
        assert free_port() == first + 1
        with pytest.raises(OSError, match="no free port"):
            free_port()


def is_running(pid: int) -> bool:
    """A zombie that init has not collected yet has ended."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
