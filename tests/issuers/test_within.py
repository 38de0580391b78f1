"""A call to AWS ends in time, whatever it meets."""

from __future__ import annotations

import contextvars
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

import app.issuers.console
from app.core.credentials import Credentials
from app.core.destinations import console_home
from app.core.roles import AccountId, Partition
from app.errors import AwsUnavailable
from app.issuers.console import Console
from app.issuers.within import within
from tests.core.people import NOW
from tests.patience import SECONDS


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that answers with one byte of a header each fifth of a second, for ever."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not stopping.wait(0.2):
                    connection.sendall(b"x")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        stopping.set()
        thread.join(SECONDS)


def test_a_server_that_drips_is_given_up(dripping: str) -> None:
    config = Config(signature_version=UNSIGNED, read_timeout=SECONDS, retries={"total_max_attempts": 1})
    sts = boto3.client("sts", region_name="eu-west-1", endpoint_url=dripping, config=config)
    token = "x" * 20
    with pytest.raises(ReadTimeoutError, match='"sts eu-west-1"'):  # ours, and not of one read
        within(
            1.5,
            lambda: sts.assume_role_with_web_identity(
                RoleArn="arn:aws:iam::999999999999:role/X", RoleSessionName="alice", WebIdentityToken=token
            ),
            "sts eu-west-1",
        )


def test_a_console_that_drips_is_given_up(dripping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.issuers.console, "_SECONDS", (0.5, 1.0))
    keys = Credentials("ASIAIOSFODNN7EXAMPLE", "secret", "token", NOW, AccountId("999999999999"))
    with pytest.raises(AwsUnavailable, match="does not answer"):
        Console(f"{dripping}/federation").sign_in_url(
            keys, Partition.AWS, console_home(Partition.AWS, "eu-west-1"), "https://aws.example.com/"
        )


def test_what_a_call_returns_or_raises_comes_through() -> None:
    assert within(SECONDS, lambda: "answer", "sts") == "answer"
    with pytest.raises(KeyError, match="Credentials"):
        within(SECONDS, lambda: {}["Credentials"], "sts")


def test_a_call_sees_what_was_lent_to_it() -> None:
    lent: contextvars.ContextVar[str] = contextvars.ContextVar("lent")
    lent.set("keys")
    assert within(SECONDS, lent.get, "sts") == "keys"
