"""Of many who want the same thing at the same time, one fetches it for all."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.errors import AwsRefused, StoreUnavailable
from app.store.drawers import Drawers
from app.store.flight import LEASE, Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from tests.patience import SECONDS
from tests.servers.redis_server import RedisServer
from tests.store import changing

PATIENCE = timedelta(seconds=60)


class Runway:
    """Where a fetch lands; counts the fetches."""

    def __init__(self, seconds: float = 0.1, together: threading.Barrier | None = None) -> None:
        self.fetched = 0
        self.on_the_ground: str | None = None
        self._seconds = seconds
        self._together = together
        self._lock = threading.Lock()

    def landed(self) -> str | None:
        return self.on_the_ground

    def fetch(self) -> str:
        with self._lock:
            self.fetched += 1
        time.sleep(self._seconds)
        if self._together is not None:
            self._together.wait(SECONDS)
        self.on_the_ground = f"plane {self.fetched}"
        return self.on_the_ground


def test_fifty_who_ask_at_once_make_one_fetch_and_all_get_it(drawers: Drawers, sealer: Sealer) -> None:
    runway, flights = Runway(), Flights(drawers, sealer)
    with ThreadPoolExecutor(50) as threads:
        got = list(threads.map(lambda _: flights.share("k", runway.landed, runway.fetch, PATIENCE), range(50)))
    assert (set(got), runway.fetched) == ({"plane 1"}, 1)


def test_different_keys_do_not_wait_for_one_another(drawers: Drawers, sealer: Sealer) -> None:
    flights, in_the_air = Flights(drawers, sealer), threading.Barrier(4)
    runways = [Runway(together=in_the_air) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: flights.share(f"k{n}", runways[n].landed, runways[n].fetch, PATIENCE), range(4)))
    assert [runway.fetched for runway in runways] == [1] * 4


def test_what_has_landed_already_needs_no_fetch(drawers: Drawers, sealer: Sealer) -> None:
    runway = Runway()
    runway.on_the_ground = "here"
    assert Flights(drawers, sealer).share("k", runway.landed, runway.fetch, PATIENCE) == "here"
    assert runway.fetched == 0


def test_a_fetch_that_fails_tells_its_caller_why_and_lets_the_next_try(drawers: Drawers, sealer: Sealer) -> None:
    runway, flights = Runway(), Flights(drawers, sealer)

    def refused() -> str:
        raise AwsRefused("AWS said no.")

    with pytest.raises(AwsRefused, match="AWS said no"):
        flights.share("k", runway.landed, refused, PATIENCE)
    with flights.lead("k") as leads:
        assert leads  # the lease did not stay behind
    assert flights.share("k", runway.landed, runway.fetch, PATIENCE) == "plane 1"


def test_a_fetch_that_takes_longer_than_the_lease_is_not_made_twice(redis_url: str, sealer: Sealer) -> None:
    runway, flights = Runway(LEASE.total_seconds() * 1.7), Flights(connect(redis_url), sealer)
    with ThreadPoolExecutor(5) as threads:
        got = list(threads.map(lambda _: flights.share("k", runway.landed, runway.fetch, PATIENCE), range(5)))
    assert (set(got), runway.fetched) == ({"plane 1"}, 1)


def test_who_has_no_patience_left_is_told_so(drawers: Drawers, sealer: Sealer) -> None:
    flights, leads, over = Flights(drawers, sealer), threading.Event(), threading.Event()

    def slow() -> str:
        leads.set()
        over.wait(SECONDS)
        return "late"

    with ThreadPoolExecutor(1) as threads:
        leader = threads.submit(flights.share, "k", lambda: None, slow, PATIENCE)
        leads.wait(SECONDS)
        with pytest.raises(StoreUnavailable) as told:
            flights.share("k", lambda: None, lambda: "second", timedelta(seconds=0.5))
        over.set()
        assert leader.result(SECONDS) == "late"
    assert told.value.reason == "flight.patience"


def test_when_the_worker_that_leads_is_killed_another_leads(redis_url: str) -> None:
    key, runway = secrets.token_bytes(32), Runway()
    command = [sys.executable, "-m", "tests.store.leading", redis_url, key.hex(), "k"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "leading\n"
        time.sleep(LEASE.total_seconds() / 2)  # it has renewed its lease at least once
        leader.kill()
    flights = Flights(connect(redis_url), Sealer([key]))
    with ThreadPoolExecutor(10) as threads:
        got = list(threads.map(lambda _: flights.share("k", runway.landed, runway.fetch, PATIENCE), range(10)))
    assert (set(got), runway.fetched) == ({"plane 1"}, 1)


def test_what_was_fetched_is_not_lost_when_redis_goes_away_meanwhile(start_redis: Callable[[], RedisServer]) -> None:
    server = start_redis()
    flights = Flights(connect(server.url), Sealer([bytes(32)]))

    def fetch() -> str:
        server.kill()
        return "credentials"

    assert flights.share("k", lambda: None, fetch, PATIENCE) == "credentials"


def test_without_redis_nothing_is_fetched_at_all(start_redis: Callable[[], RedisServer]) -> None:
    server, runway = start_redis(), Runway()
    flights = Flights(connect(server.url), Sealer([bytes(32)]))
    server.kill()
    with pytest.raises(StoreUnavailable):
        flights.share("k", runway.landed, runway.fetch, PATIENCE)
    assert runway.fetched == 0


def test_four_processes_that_change_one_document_lose_nothing(redis_url: str) -> None:
    key = secrets.token_bytes(32)
    counts = changing.begin(redis_url, key)
    command = [sys.executable, "-m", "tests.store.changing", redis_url, key.hex(), "50"]
    workers = [subprocess.Popen(command) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0] * 4
    assert counts.get(changing.NAME) == changing.Count(200)
