"""What AWS tools wait for when they start `credential-process`, beside the cheapest thing that could stand there.

    python -m tests.bench.prompt [rounds]

Medians of 30, one of each kind after the other, so that a busy moment slows all of them down. A gateway answers over
TLS on loopback; the bare Python makes one such request and prints the answer, and knows nothing else. Exit code 1 when
the launcher takes more than twice the time of `cat`, or an empty cache more than one and a half times the bare Python.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.cli import own_path
from app.terminal import zipapp
from tests.bench.export import Exporter
from tests.cli import fake_answers, fake_gateway
from tests.cli.fake_answers import UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.cli.test_wire import with_tls

_PROFILE = "production.UpdateApp"
_MANY = 1000  # profiles of somebody who may do much
_QUICK = 3  # rows that ask nobody
_AWS = "aws configure export-credentials"
_BARE = """\
import http.client, json, ssl
context = ssl.create_default_context()
context.load_verify_locations({ca!r})
gateway = http.client.HTTPSConnection("127.0.0.1", {port}, context=context, timeout=10)
told = {{"Authorization": "Bearer {token}", "Content-Type": "application/json"}}
gateway.request("POST", "/api/v1/credentials", json.dumps({{"role_arn": "{role}"}}), told)
print(gateway.getresponse().read().decode())
"""


class Row(NamedTuple):
    """One thing to measure: `before` prepares it and is not measured; `beside` names the row it is compared with, of
    which it may take `most` times as long (0: it is only shown)."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    beside: str = ""
    most: float = 0.0
    before: Callable[[], object] = lambda: None


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as folder, _gateway(Path(folder)) as gateway:
        rows = _rows(Path(folder), gateway)
        # What takes a few milliseconds by itself: behind a request, our own gateway still holds the processor.
        medians = _measured(rows[:_QUICK], rounds) | _measured(rows[_QUICK:], rounds)
    missed = [row for row in rows if row.most and medians[row.name] > row.most * medians[row.beside]]
    for row in rows:
        ratio = f"{medians[row.name] / medians[row.beside]:8.2f} x {row.beside}" if row.beside else ""
        most = f", at most {row.most:g}" if row.most else ""
        print(f"{row.name:<50} {medians[row.name]:9.2f} ms {ratio}{most}{'  MISSED' if row in missed else ''}")
    return 1 if missed else 0


@contextmanager
def _gateway(folder: Path) -> Iterator[Gateway]:
    with fake_gateway.running() as gateway:
        with_tls(gateway, folder)
        yield gateway


def _rows(folder: Path, gateway: Gateway) -> list[Row]:
    few = _terminal(folder / "few", gateway, folder / "ca.pem")
    gateway.roles += [_another(n) for n in range(_MANY)]
    many = _terminal(folder / "many", gateway, folder / "ca.pem")
    exporter = Exporter.here(folder / "exporter", gateway, folder / "ca.pem")
    [kept] = few.cached()
    bare = folder / "bare.py"
    values = {"ca": str(folder / "ca.pem"), "port": gateway.server.server_address[1], "role": UPDATE_APP}
    bare.write_text(_BARE.format(token=next(iter(gateway.access)), **values))
    python = own_path.stable_python() or sys.executable
    rows = [
        Row("sh -c 'cat FILE'", ["sh", "-c", f"cat '{kept}'"], few.env),
        Row("credential-process, cached", _words(few), few.env, "sh -c 'cat FILE'", 2.0),
        Row(f"the same with {_MANY} profiles more", _words(many), many.env, "sh -c 'cat FILE'", 2.0),
        Row("python3 -I -S, one HTTPS request", [python, "-I", "-S", str(bare)], few.env),
        Row(
            "credential-process, nothing cached", _words(few), few.env,
            "python3 -I -S, one HTTPS request", 1.5, kept.unlink,
        ),
    ]  # fmt: skip
    if exporter is None:
        print("The newest AWS CLI is not here (python -m tests.clients.bundle), so nothing is compared with it.")
        return rows
    return [
        *rows,
        Row(f"{_AWS}, cached", exporter.command, exporter.env, rows[1].name),
        Row(f"{_AWS}, nothing cached", exporter.command, exporter.env, rows[-1].name, before=exporter.forget),
    ]


def _another(n: int) -> dict[str, object]:
    arn = f"arn:aws:iam::{n:012d}:role/UpdateApp"
    known = fake_answers.usual_roles()[0]
    return known | {"arn": arn, "profile": f"account-{n}.UpdateApp", "account": {"id": f"{n:012d}", "name": f"A{n}"}}


def _terminal(home: Path, gateway: Gateway, ca: Path) -> Terminal:
    """Somebody who has signed in and written the profiles, and whose tools have asked once."""
    pyz = home.parent / "fedgate.pyz"
    zipapp.build(pyz, "1.2.3")
    terminal = Terminal(home, pyz, gateway.address, {"AWS_CA_BUNDLE": str(ca)})
    terminal.env["SSL_CERT_FILE"] = str(ca)  # for the browser; to us it would spare the system's own certificates
    assert terminal.login().code == 0
    del terminal.env["SSL_CERT_FILE"]
    for typed in (terminal.type("profiles", "sync"), terminal.credentials()):
        assert typed.code == 0, typed.err
    return terminal


def _words(terminal: Terminal) -> list[str]:
    return [str(terminal.launcher), "credential-process", "--profile", _PROFILE]


def _measured(rows: list[Row], rounds: int) -> dict[str, float]:
    """Milliseconds."""
    took: dict[str, list[float]] = {row.name: [] for row in rows}
    for row in rows * rounds:
        row.before()
        begun = time.perf_counter()
        done = subprocess.run(row.command, env=dict(row.env), capture_output=True, check=False)
        took[row.name].append((time.perf_counter() - begun) * 1000)
        assert done.returncode == 0, done.stderr
        assert b"AccessKeyId" in done.stdout
    return {name: statistics.median(times) for name, times in took.items()}


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
