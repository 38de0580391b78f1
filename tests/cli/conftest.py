"""A gateway for each test, and a terminal that is or is not signed in at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.terminal import zipapp
from tests.cli import fake_gateway
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bin") / "fedgate.pyz"
    zipapp.build(path, "1.2.3")
    return path


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with fake_gateway.running() as running:
        yield running


@pytest.fixture
def terminal(tmp_path: Path, pyz: Path, gateway: Gateway) -> Terminal:
    """Ada's, on which nothing has happened yet."""
    return Terminal(tmp_path / "home", pyz, gateway.address)


@pytest.fixture
def signed_in(terminal: Terminal, gateway: Gateway) -> Terminal:
    """Ada's, signed in and with her profiles written. What that took is not counted."""
    assert terminal.login().code == 0
    assert terminal.type("profiles", "sync").code == 0
    gateway.calls.clear()
    gateway.seen.clear()
    return terminal
