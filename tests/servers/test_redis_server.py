"""Private Redis servers keep nothing, take no address from one another, and die when told."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.servers.redis_server import RedisServer, wheel_binary


def test_the_shared_one_answers(redis_url: str) -> None:
    with redis.from_url(redis_url) as client:
        assert client.set("tests.servers:hello", "1", ex=5)


def test_throwaway_ones_are_strangers_to_each_other(start_redis: Callable[[], RedisServer]) -> None:
    first, second = start_redis(), start_redis()
    redis.from_url(first.url).set("who", "first")
    assert redis.from_url(second.url).get("who") is None


def test_one_that_was_killed_comes_back_empty_at_its_address(start_redis: Callable[[], RedisServer]) -> None:
    server = start_redis()
    client = redis.from_url(server.url)
    client.set("kept", "no")
    server.kill()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    server.start()
    assert client.get("kept") is None


def test_it_leaves_no_process_and_no_socket_behind(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        pid = server.process.pid
        socket = Path(server.url.removeprefix("unix://").partition("?")[0])
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("tcp", [False, True], ids=["unix socket", "tcp"])
def test_the_one_in_the_wheel_does_as_well(tmp_path: Path, tcp: bool) -> None:
    with RedisServer(tmp_path, tcp=tcp, program=wheel_binary()) as server:
        assert redis.from_url(server.url).ping()
