"""The gateway asks itself, by the address that people use, whether the header of AWS's tools arrives."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.ops.own_address import DROPPED, OwnAddress
from tests.servers.process import free_port

UNKNOWN = "not known: the gateway could not ask itself by its own address"


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """Whatever stands at the gateway's address: the gateway behind a proxy, or something else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def asked(address: str) -> OwnAddress:
    own = OwnAddress(address, lambda: True)
    own.ask()
    return own


def test_a_header_that_arrives_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), answering(200, b'{"arrived":true}\n') as address:
        assert asked(address).said() == "ok"
    assert caplog.messages == []


def test_a_proxy_that_drops_it_is_a_warning_with_what_to_set(caplog: pytest.LogCaptureFixture) -> None:
    with answering(200, b'{"arrived":false}\n') as address:
        own = asked(address)
    assert own.said() == DROPPED
    assert caplog.messages == [DROPPED]
    assert "underscores_in_headers on;" in DROPPED


def test_of_many_workers_one_tells_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with answering(200, b'{"arrived":false}\n') as address:
        own = OwnAddress(address, lambda: False)
        own.ask()
    assert own.said() == DROPPED
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Sign in</html>"),
        (200, b"x" * 100_000),
        (200, b""),
        (302, b""),
        (401, b'{"arrived":false}'),
        (502, b""),
    ],
)
def test_an_answer_of_somebody_else_says_nothing(status: int, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with answering(status, body, Location="http://127.0.0.1:1/") as address:
        assert asked(address).said() == UNKNOWN
    assert caplog.messages == []


def test_an_answer_that_is_not_what_it_says_is_no_failure_of_ours() -> None:
    with answering(200, b"not gzip", Content_Encoding="gzip") as address:
        assert asked(address).said() == UNKNOWN


def test_an_address_that_cannot_be_reached_from_here_is_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    for address in (f"http://127.0.0.1:{free_port()}", "https://no-such-name.invalid"):
        assert asked(address).said() == UNKNOWN
    assert caplog.messages == []


def test_what_was_known_stays_known_when_nobody_answers_for_a_while() -> None:
    with answering(200, b'{"arrived":true}\n') as address:
        own = asked(address)
    own.ask()
    assert own.said() == "ok"
