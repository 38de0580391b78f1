"""gunicorn with `deploy/gunicorn.conf.py`: what it logs, what it turns away, and that it opens nothing else."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.patience import NEVER, until
from tests.servers.process import Process, answers, free_port

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "deploy" / "gunicorn.conf.py"
ARRIVAL = 3.0  # seconds in which a request must have come, instead of its fifteen: a test waits for the end of them
APP = """
import json


def app(environ, start):
    environ["wsgi.input"].read()
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = json.dumps(told).encode() if environ["PATH_INFO"] == "/environ" else b"ok"
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


class Server:
    def __init__(self, folder: Path) -> None:
        self.port, self.home, self.log = free_port(), folder / "home", folder / "gunicorn.log"
        self.home.mkdir()
        (folder / "tiny.py").write_text(APP)
        config = folder / "gunicorn.conf.py"
        config.write_text(f"exec(open({str(CONFIG)!r}).read())\n_ARRIVAL = {ARRIVAL}\n")
        command = [sys.executable, "-m", "gunicorn", "--config", str(config), "--chdir", str(folder)]
        self.process = Process(
            [*command, "--bind", f"127.0.0.1:{self.port}", "tiny:app"],
            log=self.log,
            is_ready=lambda: answers(f"http://127.0.0.1:{self.port}/ready"),
            env={"HOME": str(self.home), "WEB_CONCURRENCY": "1"},
        )

    def logged(self, words: str) -> str:
        """The log, once these words are in it: gunicorn writes a request's line after its answer."""
        until(lambda: words in self.log.read_text())
        return self.log.read_text()

    def raw(self, request: bytes) -> str:
        """The status line of the answer to exactly these bytes; nothing when it hangs up without a word."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection, suppress(ConnectionError):
            connection.sendall(request)
            return connection.recv(1024).decode("latin-1").partition("\r\n")[0]
        return ""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("gunicorn"))
    made.process.start()
    yield made
    made.process.stop()


def test_neither_queries_nor_referrers_reach_the_log(server: Server) -> None:
    address = f"http://127.0.0.1:{server.port}/signin/corp/callback?code=planted-code"
    assert requests.get(address, headers={"Referer": f"{address}&state=planted-state"}, timeout=60).ok
    assert "planted" not in server.logged('"path": "/signin/corp/callback"')


def test_a_path_cannot_begin_a_log_line_of_its_own(server: Server) -> None:
    status = server.raw(b'GET /a%0a{"kind":"forged"}%1b[2J HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert status == "HTTP/1.1 200 OK"
    lines = [json.loads(line) for line in server.logged("/a%0a").splitlines() if line.startswith("{")]
    assert {line["kind"] for line in lines} == {"request"}
    assert any("%0a" in line["path"] and "%1b" in line["path"] for line in lines)


def test_of_all_names_with_underscores_the_one_of_awss_tools_passes_and_is_not_logged(server: Server) -> None:
    sent = {
        "x-amz-sso_bearer_token": "planted-token",
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Proto": "https",
        "SCRIPT_NAME": "/elsewhere",
        "PATH_INFO": "/elsewhere",
        "REMOTE_USER": "carla",
        "x_amz_sso_bearer_token": "another",
        "Authorization_": "x",
    }
    told = requests.get(f"http://127.0.0.1:{server.port}/environ", headers=sent, timeout=60).json()
    assert told["HTTP_X_AMZ_SSO_BEARER_TOKEN"] == "planted-token"
    assert (told["SCRIPT_NAME"], told["PATH_INFO"], told["REMOTE_ADDR"]) == ("", "/environ", "127.0.0.1")
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_REMOTE_USER", "HTTP_AUTHORIZATION_"} & set(told)
    assert "planted-token" not in server.logged('"path": "/environ"')


def test_no_header_decides_about_the_scheme_or_the_address(server: Server) -> None:
    said = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Protocol": "ssl",
        "X-Forwarded-Ssl": "on",
        "Forwarded": "proto=https",
    }
    sent = {**said, "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "X-Forwarded-Prefix": "/x"}
    told = requests.get(f"http://127.0.0.1:{server.port}/environ", headers=sent, timeout=60).json()
    assert (told["wsgi.url_scheme"], told["REMOTE_ADDR"], told["SCRIPT_NAME"]) == ("http", "127.0.0.1", "")


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a line of 9000 bytes"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 100 + b"\r\n", id="a hundred headers"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"b" * 9000 + b"\r\n\r\n", id="a header of 9000 bytes"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="two lengths, as in request smuggling",
        ),
    ],
)
def test_what_no_honest_client_sends_is_turned_away(server: Server, request_bytes: bytes) -> None:
    status = server.raw(request_bytes)
    assert status == "" or status.startswith("HTTP/1.1 4")  # empty: it hangs up without a word


def test_it_opens_no_control_socket(server: Server) -> None:
    assert list(server.home.iterdir()) == []


def test_a_request_that_trickles_in_does_not_keep_a_thread_for_ever(server: Server) -> None:
    headers = b"GET / HTTP/1.1\r\nHost: x\r\n"
    body = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with ThreadPoolExecutor() as pool:
        lives = list(pool.map(lambda beginning: trickled(server, beginning), (headers, body)))
    assert all(ARRIVAL <= seconds < NEVER / 2 for seconds in lives), lives


def trickled(server: Server, beginning: bytes) -> float:
    """How long the connection lived, in seconds."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.5) as connection:
        connection.sendall(beginning)
        while time.monotonic() - began < NEVER:
            try:
                connection.sendall(b"x")
                if connection.recv(1024) == b"":
                    break
            except TimeoutError:
                continue  # it still waits for more
            except ConnectionError:
                break
    return time.monotonic() - began


def test_a_gateway_that_cannot_start_ends_and_says_why() -> None:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        str(CONFIG),
        "--bind",
        f"127.0.0.1:{free_port()}",
        "wsgi:app",
    ]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "FEDGATE_SEALING_KEYS": "none", "FEDGATE_CONFIG": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr.count("fedgate cannot start") == 1
    assert "  FEDGATE_CONFIG: no file at the path that it holds" in ended.stderr
    assert "  FEDGATE_SEALING_KEYS: key 1: expected 32 bytes" in ended.stderr
    assert "Traceback" not in ended.stderr
