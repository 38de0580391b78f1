"""`deploy/try` as typed: it greets, keeps its files to itself, stops on Ctrl-C, and says what is in its way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from app.local.stack.place import Place, environment
from tests.servers.process import free_port

ROOT = Path(__file__).resolve().parents[3]
Places = Callable[[], int]


@pytest.fixture(scope="module")
def places() -> Iterator[Callable[[], int]]:
    """Makes the first of three free ports in a row; its folder goes when the module is done."""
    taken: list[int] = []

    def row() -> int:
        taken.append(free_port(row=3))
        return taken[-1]

    yield row
    for port in taken:
        shutil.rmtree(Place(port, ROOT).folder, ignore_errors=True)


def _command(port: int) -> list[str]:
    return [sys.executable, "-m", "app.local.stack", "--port", str(port)]


class Running:
    """A stack that has greeted."""

    def __init__(self, port: int, **variables: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            _command(port), cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}
        )
        self.greeting = ""
        for line in self.process.stdout or ():
            self.greeting += line
            if "Logs, files" in line:
                return
        raise AssertionError("the stack ended before it greeted")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def stack(places: Places) -> Iterator[Running]:
    running = Running(places())
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def test_the_greeting_says_where_as_whom_and_what_to_paste(stack: Running) -> None:
    assert f"Sign in at   http://127.0.0.1:{stack.port}\n" in stack.greeting
    assert {"Alice Adams", "Bob Baker", "Carla Chen"} <= set(re.findall(r"[A-Z][a-z]+ [A-Z][a-z]+", stack.greeting))
    assert "fedgate login && fedgate profiles sync" in stack.greeting


def test_every_file_of_the_stack_is_its_owners_alone(stack: Running) -> None:
    folder = Place(stack.port, ROOT).folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for secret in ("sealing-keys", "oidc-client.secret", "aws-keys.json", "aws.json"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600, secret


def test_a_second_stack_on_the_same_port_says_so_and_leaves_the_first_alone(stack: Running) -> None:
    second = subprocess.run(_command(stack.port), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert requests.get(f"http://127.0.0.1:{stack.port}/healthz", timeout=60).ok


def test_a_port_that_another_program_holds_is_named(places: Places) -> None:
    first = places()
    with socket.create_server(("127.0.0.1", first + 2)):
        ended = subprocess.run(_command(first), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"port {first + 2} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("port", ["eighty", "65534"])
def test_what_is_no_port_is_told_so(port: str) -> None:
    command = [sys.executable, "-m", "app.local.stack", f"--port={port}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "expected a number from 1024 to 65533" in ended.stderr


def test_ctrl_c_stops_everything_and_is_no_failure(stack: Running) -> None:
    """The last user of the module's stack."""
    assert stack.end(signal.SIGINT) == 0
    for port in range(stack.port, stack.port + 3):
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_when_a_part_dies_the_stack_names_it_and_stops(places: Places) -> None:
    port = places()
    running = Running(port)
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    victim = next(pid for pid in children if "app.local.idp" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(int(victim), signal.SIGKILL)
    assert running.process.wait(60) == 1
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60)


def test_without_a_redis_of_the_system_the_wheels_valkey_serves(tmp_path: Path, places: Places) -> None:
    """Its PATH holds what the stack calls by name, and no redis-server."""
    for name in ("setpriv", "sh", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    running = Running(places(), PATH=str(tmp_path))
    assert running.end(signal.SIGTERM) == 0
    assert re.search(r"Redis +valkey-server", running.greeting)


def test_a_developers_own_aws_settings_do_not_reach_the_stack() -> None:
    theirs = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_PROFILE": "work", "FEDGATE_CONFIG": "/x", "LANG": "C"}
    seen = environment(theirs, FEDGATE_CONFIG="ours")
    assert seen["FEDGATE_CONFIG"] == "ours"
    assert seen["LANG"] == "C"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"} & set(seen)
