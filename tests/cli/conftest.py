"""A gateway for each test, and a terminal that is or is not signed in at it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.cli import profile_map, sign_in
from app.cli.profile_map import Profile
from app.cli.sign_in import SignIn
from app.terminal import zipapp
from tests.cli import fake_gateway
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bin") / "fedgate.pyz"
    zipapp.build(path, "1.2.3")
    return path


@pytest.fixture(scope="session")
def patient_pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that waits ten times as long, for tests that start so many at once that a machine is busy with them."""
    seconds = {"MAX_WAIT": 35.0, "HURRY": 34.0, "SILENCE": 39.0, "PROBE": 10.0, "WORK": 250.0}
    return with_seconds(tmp_path_factory.mktemp("patient") / "fedgate.pyz", seconds)


def with_seconds(path: Path, seconds: Mapping[str, float]) -> Path:
    """The same program, with other numbers in `selection` and `deadline`."""
    sources = zipapp.modules() | {"built.py": zipapp.built("1.2.3", "")}
    for name, number in seconds.items():
        module = "selection.py" if name == "MAX_WAIT" else "deadline.py"
        sources[module], found = re.subn(rf"(?m)^{name} = [\d.]+", f"{name} = {number}", sources[module])
        assert found == 1, name
    zipapp.save(path, zipapp.SHEBANG + zipapp.archive(sources))
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
def signed_in(terminal: Terminal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Ada's, as `login` and `profiles sync` leave it (`test_login` and `test_profiles_sync` type them)."""
    monkeypatch.setenv("HOME", str(terminal.home))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    before = os.umask(0o077)
    try:
        keep_sign_in(gateway)
        names = [(str(one["profile"]), str(one["arn"])) for one in gateway.roles if one["cli"]]
        profile_map.save([Profile(name, arn, gateway.address) for name, arn in names])
    finally:
        os.umask(before)
    return terminal


def keep_sign_in(gateway: Gateway) -> None:
    address, now = gateway.address, int(time.time())
    tokens = gateway.new_tokens()
    sign_in.save(
        SignIn(
            id="0" * 32,
            gateway=address,
            token_endpoint=f"{address}/oauth/token",
            revocation_endpoint=f"{address}/oauth/revoke",
            access_token=tokens["access_token"],
            access_expires=now + tokens["expires_in"],
            refresh_token=tokens["refresh_token"],
            refresh_expires=now + tokens["refresh_expires_in"],
        )
    )


@pytest.fixture
def ada(signed_in: Terminal) -> Terminal:
    """Ada's machine, on which everything is as it should be. The AWS CLI is not there: it takes a second to start."""
    signed_in.env["PATH"] = str(signed_in.home / "bin")
    assert signed_in.type("profiles", "sync").code == 0
    return signed_in
