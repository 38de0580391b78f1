"""`python -m app.local.idp` as `deploy/try` starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.local.idp.conftest import APP, REGISTRATION
from tests.servers.applications import OidcApplication
from tests.servers.browser import Browser, Stopped, User
from tests.servers.process import Process, answers, free_port


def command(port: int, secret_file: Path, state_dir: Path) -> list[str]:
    base_url = f"http://127.0.0.1:{port}"
    return [
        *(sys.executable, "-m", "app.local.idp", "--port", str(port), "--base-url", base_url),
        *("--sp-entity-id", REGISTRATION.saml.entity_id, "--sp-acs", REGISTRATION.saml.acs),
        *("--oidc-client-id", "fedgate", "--oidc-client-secret-file", str(secret_file)),
        *("--oidc-redirect-uri", REGISTRATION.oidc.redirect_uri, "--state-dir", str(state_dir)),
    ]


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "client.secret"
    path.write_text("from-a-file\n")
    return path


def running(tmp_path: Path, secret_file: Path, port: int) -> Process:
    return Process(
        command(port, secret_file, tmp_path / "state"),
        log=tmp_path / "log",
        is_ready=lambda: answers(f"http://127.0.0.1:{port}/saml/metadata"),
    )


def test_bob_signs_in_at_the_started_process(tmp_path: Path, secret_file: Path) -> None:
    port = free_port()
    with running(tmp_path, secret_file, port) as process:
        base_url = f"http://127.0.0.1:{port}"
        app = OidcApplication(base_url, "fedgate", "from-a-file", REGISTRATION.oidc.redirect_uri)
        browser = Browser(until=APP)
        answer = browser.sign_in(browser.open(app.ask()), User("bob"))
        assert isinstance(answer, Stopped)
        assert app.claims(app.tokens(answer))["groups"] == ["Staff"]
        assert f"Local identity provider: {base_url}" in process.output
        assert not any(spoken in process.output for spoken in ("from-a-file", "state=", answer.query["code"]))


def test_its_keys_outlive_it_and_are_its_own(tmp_path: Path, secret_file: Path) -> None:
    port = free_port()
    seen = []
    for _ in range(2):
        with running(tmp_path, secret_file, port):
            metadata = requests.get(f"http://127.0.0.1:{port}/saml/metadata", timeout=60).content
            jwks = requests.get(f"http://127.0.0.1:{port}/oidc/jwks.json", timeout=60).json()
            seen.append((metadata, jwks))
    assert seen[0] == seen[1]
    assert set(seen[0][1]["keys"][0]) == {"kty", "n", "e", "use", "alg", "kid"}
    private = sorted((tmp_path / "state").glob("*.key.pem"))
    assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]


def test_a_missing_or_empty_secret_is_said_in_one_line(tmp_path: Path) -> None:
    for name, content in (("missing", None), ("empty", " \n")):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        told = subprocess.run(
            command(free_port(), path, tmp_path), capture_output=True, text=True, timeout=60, check=False
        )
        assert told.returncode == 2
        assert told.stderr.count("\n") == 1
        assert str(path) in told.stderr
