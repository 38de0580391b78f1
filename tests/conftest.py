"""What every test can ask for: the real servers, and the world that they make together."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.leaks.ending import left_behind
from tests.world import World, open_world

pytest_plugins = ["tests.servers.fixtures", "tests.parts", "tests.again"]


# A property is about what is right, not about how busy the machine is; and two runs of one commit try the same
# examples. To look for new ones: --hypothesis-profile=explore
_TOO_SLOW = [HealthCheck.too_slow]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=_TOO_SLOW)
settings.register_profile("explore", deadline=None, max_examples=2_000, suppress_health_check=_TOO_SLOW)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Give Ctrl-C back to what the tests start: a shell's background job hands down a SIGINT that is ignored.

    A handler of our own becomes the default again in every program that we start (POSIX exec). `nohup` does the same
    with SIGHUP.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """The whole stack, once for the run (for each part of it, where it has several)."""
    with open_world(tmp_path_factory.mktemp("world"), redis_url) as found:
        yield found
        assert left_behind(found) == [], "secrets that this run planted"
