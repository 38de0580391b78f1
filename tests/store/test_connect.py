"""Every kind of Redis address that the contract names, against real servers; and servers that are gone."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from app.errors import ConfigurationProblems, StoreUnavailable
from app.store.drawers import Drawers
from app.store.redis import connect
from tests.patience import until, without_waiting
from tests.servers.process import LOOPBACK, free_port
from tests.servers.redis_server import RedisServer
from tests.store.fleets import PASSWORD, SENTINEL_PASSWORD, SERVICE, Fleet, behind_sentinel, cluster, look_often

MINUTE = timedelta(minutes=1)
GIVEN = quote(PASSWORD, safe="")


def works(drawers: Drawers) -> None:
    """Every operation, over many names so that each server of a cluster has some."""
    for n in range(20):
        name = f"test:connect:{n}"
        drawers.put(name, b"a", MINUTE)
        assert not drawers.add(name, b"b", MINUTE)
        assert drawers.swap(name, b"a", b"b", MINUTE)
        assert drawers.get(name) == b"b"
        assert drawers.take(name) == b"b"
        assert drawers.add(name, b"c", MINUTE)
        assert drawers.drop(name, only=b"c")
        assert drawers.count(name, MINUTE) == 1
        drawers.drop(name)
    drawers.ping()


@pytest.fixture(scope="module")
def three_masters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with cluster(tmp_path_factory.mktemp("cluster")) as fleet:
        yield fleet


def test_a_unix_socket_and_a_port(start_redis: Callable[[], RedisServer], tmp_path: Path) -> None:
    works(connect(start_redis().url))
    with RedisServer(tmp_path, tcp=True) as server:
        works(connect(server.url))


def test_a_cluster_with_a_password(three_masters: Fleet) -> None:
    works(connect(f"redis+cluster://:{GIVEN}@{three_masters.hosts}"))
    works(connect(f"redis+cluster://default:{GIVEN}@{LOOPBACK}:{three_masters.ports[1]}"))


def test_of_twenty_who_take_from_a_cluster_one_gets_it(three_masters: Fleet) -> None:
    drawers = connect(f"redis+cluster://:{GIVEN}@{three_masters.hosts}")
    drawers.put("test:once", b"ticket", MINUTE)
    with ThreadPoolExecutor(20) as threads:
        taken = list(threads.map(lambda _: drawers.take("test:once"), range(20)))
    assert sorted(taken, key=bool) == [None] * 19 + [b"ticket"]


@pytest.mark.parametrize("login", ["", ":wrong@", f"nobody:{GIVEN}@"])
def test_a_cluster_with_another_password_is_unavailable_and_the_gateway_still_starts(
    three_masters: Fleet, login: str
) -> None:
    drawers = connect(f"redis+cluster://{login}{three_masters.hosts}")
    assert_unavailable(drawers)


def test_a_cluster_that_is_down_at_the_start_is_used_once_it_is_there(tmp_path: Path) -> None:
    nobody = connect(f"redis+cluster://:{GIVEN}@{LOOPBACK}:{free_port()}")
    assert_unavailable(nobody)
    with cluster(tmp_path) as fleet:
        drawers = connect(f"redis+cluster://:{GIVEN}@{fleet.hosts}")
        works(drawers)
        for server in fleet.servers.values():
            server.kill()
        assert_unavailable(drawers)


def test_behind_sentinels_with_passwords_and_through_a_failover(tmp_path: Path) -> None:
    with behind_sentinel(tmp_path) as (sentinels, servers):
        asked = f"sentinel_password={quote(SENTINEL_PASSWORD, safe='')}"
        drawers = connect(f"redis+sentinel://:{GIVEN}@{sentinels.hosts}/{SERVICE}?{asked}")
        works(drawers)
        assert_unavailable(connect(f"redis+sentinel://:{GIVEN}@{sentinels.hosts}/{SERVICE}"))
        assert_unavailable(connect(f"redis+sentinel://:wrong@{sentinels.hosts}/{SERVICE}?{asked}"))
        assert_unavailable(connect(f"redis+sentinel://:{GIVEN}@{sentinels.hosts}/another?{asked}"))
        master, first = servers.ports[0], sentinels.ports[0]
        servers.servers[master].kill()
        sentinels.servers[first].kill()
        look_often(sentinels.ports[1:])
        until(lambda: works_again(drawers))


def test_a_server_that_was_killed_is_told_at_once_and_used_again_when_it_is_back(
    start_redis: Callable[[], RedisServer],
) -> None:
    server = start_redis()
    drawers = connect(server.url)
    works(drawers)
    server.kill()
    assert_unavailable(drawers)
    server.start()
    works(drawers)


def test_a_server_that_hangs_is_given_up_quickly(start_redis: Callable[[], RedisServer]) -> None:
    server = start_redis()
    drawers, fresh = connect(server.url), connect(server.url)
    works(drawers)
    running = server.process._running
    assert running is not None
    os.kill(running.pid, signal.SIGSTOP)
    try:
        assert_unavailable(drawers)
        assert_unavailable(fresh)
    finally:
        os.kill(running.pid, signal.SIGCONT)
    works(drawers)


def test_something_that_accepts_and_says_nothing_is_given_up_quickly() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        assert_unavailable(connect(f"redis://{LOOPBACK}:{port}/0"))
        assert_unavailable(connect(f"redis+cluster://{LOOPBACK}:{port}"))
        assert_unavailable(connect(f"redis+sentinel://{LOOPBACK}:{port}/{SERVICE}"))


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cret/x@host:6379/0",
        "redis://:s3cret@host:port/0",
        "redis://:s3cret@host:6379/0?s3cret=1",
        "redis://:s3cret@[::1/0",
        "redis+sentinel://:s3cret@host:1",
        "redis+sentinel://:s3cret@host:1/service/zero",
        "redis+sentinel://:s3cret@host:1/service?s3cret=1",
        "redis+sentinel://:s3cret@host:1/service?s3cret",
        "redis+cluster://:s3cret@",
        "redis+cluster://:s3cret@host:1,host:s3cret",
        "redis+cluster://:s3cret/x@host:1",
        "s3cret",
    ],
)
def test_an_address_that_cannot_be_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationProblems) as refused:
        connect(url)
    assert "FEDGATE_REDIS_URL" in refused.value.sentence
    assert refused.value.__suppress_context__
    assert "s3cret" not in refused.value.sentence


def assert_unavailable(drawers: Drawers) -> None:
    with without_waiting(60), pytest.raises(StoreUnavailable) as told:
        drawers.get("test:gone")
    assert PASSWORD not in told.value.sentence + told.value.reason
    assert told.value.retry_after


def works_again(drawers: Drawers) -> bool:
    with suppress(StoreUnavailable):
        works(drawers)
        return True
    return False
