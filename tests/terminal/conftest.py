"""One gateway with device sign-in for this folder, with a Redis of its own that may be stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.redis_server import RedisServer
from tests.terminal.device_scene import Scene, open_scene
from tests.world import World


@pytest.fixture(scope="package")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="package")
def scene(world: World, redis: RedisServer) -> Iterator[Scene]:
    with open_scene(world, redis.url) as found:
        yield found
