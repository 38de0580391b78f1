"""AWS tools start `credential-process` again and again; what it imports is what they wait for."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.terminal import zipapp
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import until

OURS = Path(__file__).parents[2] / "app" / "cli"
DEAR = {"argparse", "json", "re", "typing", "ssl", "socket", "http.client", "urllib.request", "subprocess", "datetime"}
DEAR |= {"pathlib", "dataclasses", "enum", "inspect", "tempfile", "hashlib", "random", "logging", "email", "threading"}


def imported(terminal: Terminal) -> set[str]:
    command = terminal.command("credential-process", "--profile", "production.UpdateApp")
    command[1:1] = ["-X", "importtime"]
    done = subprocess.run(command, env=terminal.env, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["Version"] == 1
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_the_cached_way_imports_next_to_nothing(signed_in: Terminal) -> None:
    signed_in.credentials()
    found = imported(signed_in)
    assert "fedgate.hand_over" in found
    assert found & DEAR == set()
    ours = {name for name in found if name.startswith("fedgate.")}
    assert ours == {
        "fedgate.__main__", "fedgate.cached", "fedgate.failures", "fedgate.hand_over", "fedgate.locks",
        "fedgate.on_posix", "fedgate.places", "fedgate.private_files", "fedgate.profile_map", "fedgate.selection",
        "fedgate.sign_in",
    }  # fmt: skip


def test_who_finds_the_answer_behind_the_lock_imports_no_more(signed_in: Terminal, gateway: Gateway) -> None:
    """Forty-nine of fifty helpers take this way, and would fight over two processors for their imports."""
    gateway.open.clear()
    leader = signed_in.start("credential-process", "--profile", "production.UpdateApp")
    until(lambda: gateway.calls["/api/v1/credentials"])
    threading.Timer(1, gateway.open.set).start()
    found = imported(signed_in)
    leader.communicate(timeout=60)
    assert gateway.calls["/api/v1/credentials"] == 1
    assert found & DEAR == set()


def test_the_cli_is_written_for_python_3_9() -> None:
    for path in OURS.glob("*.py"):
        ast.parse(path.read_text(), path.name, feature_version=(3, 9))


def python_of(minor: int) -> str:
    """One on the path or of pyenv; empty when there is none. A shim of pyenv may stand for none, so each is tried."""
    root = Path(os.environ.get("PYENV_ROOT", "") or Path.home() / ".pyenv")
    found = [shutil.which(f"python3.{minor}") or "", *map(str, sorted(root.glob(f"versions/3.{minor}.*/bin/python3")))]
    for python in filter(None, found):
        told = subprocess.run([python, "-IS", "-c", "import ssl"], capture_output=True, check=False)
        if told.returncode == 0:
            return python
    return ""


@pytest.mark.parametrize("minor", range(9, 16))
def test_every_python_that_is_here_runs_it(signed_in: Terminal, gateway: Gateway, minor: int) -> None:
    signed_in.python = python_of(minor)
    if not signed_in.python:
        pytest.skip(f"there is no Python 3.{minor} here")
    assert f"Python 3.{minor}." in signed_in.type("version").out
    for words in (("roles",), ("status",), ("profiles", "sync"), ("login", "--help")):
        typed = signed_in.type(*words)
        assert typed.code == 0, typed.err
    gateway.spend_access_tokens()
    first = signed_in.credentials()
    assert (first.code, first.err) == (0, "")
    assert re.match(r'\{"Version":1,', first.out)
    assert signed_in.credentials() == first
    assert signed_in.launched() == first
    signed_in.age(4000)
    again = signed_in.launched()
    assert (again.code, again.err) == (0, "")
    assert again.out != first.out
    assert gateway.calls["grant:refresh_token"] == 1


def test_an_old_python_is_told_so(terminal: Terminal) -> None:
    """Python 2 and 3.6 can read its first lines; what comes behind them they could not."""
    starter = zipapp.STARTER.replace("(3, 9)", "(9, 9)")
    done = subprocess.run(
        [sys.executable, "-"], input=starter, env=terminal.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("is too old; fedgate needs 3.9 or newer\n")


def test_the_cli_imports_nothing_of_ours_and_nothing_from_outside_the_standard_library() -> None:
    for path in OURS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= sys.stdlib_module_names, path.name
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert node.module
                assert node.module.partition(".")[0] in sys.stdlib_module_names, path.name
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, path.name
