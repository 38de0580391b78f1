"""What every test can ask for: the real servers, and the world that they make together."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.world import World, open_world

pytest_plugins = ["tests.servers.fixtures"]


def pytest_configure() -> None:
    """Give Ctrl-C back to what the tests start: a shell's background job hands down a SIGINT that is ignored.

    A handler of our own becomes the default again in every program that we start (POSIX exec).
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """The whole stack, once for the run."""
    with open_world(tmp_path_factory.mktemp("world"), redis_url) as found:
        yield found
