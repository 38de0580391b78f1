"""What every test can ask for: the real servers, and the world that they make together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World, open_world

pytest_plugins = ["tests.servers.fixtures"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """The whole stack, once for the run."""
    with open_world(tmp_path_factory.mktemp("world"), redis_url) as found:
        yield found
