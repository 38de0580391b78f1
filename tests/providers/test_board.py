"""Many workers, one fetch: what one of them was told by a provider is there for all."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import ProviderUnavailable
from app.providers.board import OneForAll, Posted
from app.providers.last_good import LastGood
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.patience import SECONDS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Provider:
    """Its keys are one word, which it can change; it may be away, and it may take its time."""

    def __init__(self) -> None:
        self.keys, self.asked, self.away = "old", Counter[str](), False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def fetch(self) -> str:
        self.asked["fetch"] += 1
        self.may_answer.wait(SECONDS)
        if self.away:
            raise ProviderUnavailable("away", reason="oidc.unreachable")
        return self.keys


def read(text: str) -> str:
    if text.startswith("<"):
        raise ProviderUnavailable("unreadable", reason="saml.metadata")
    return text


class Fleet:
    def __init__(self, size: int) -> None:
        self.now, self.provider = NOW, Provider()
        self.told: list[bool] = []  # of each early fetch, whether it worked
        self.drawers = MemoryDrawers(lambda: self.now)
        board = Shelf("fetched", Posted, self.drawers, Sealer((b"k" * 32,)))
        self.workers = [self._worker(board) for _ in range(size)]
        for worker in self.workers:
            worker.get(NOW)
        self.provider.asked.clear()

    def _worker(self, board: Shelf[Posted]) -> LastGood[str]:
        provider = self.provider
        one = OneForAll(board, "okta", provider.fetch, read, sleep=self._sleep, told=self.told.append)
        return LastGood(provider.fetch, together=one)

    def _sleep(self, seconds: float) -> None:
        self.provider.may_answer.set()  # now that somebody waits for it
        time.sleep(seconds)

    def again(self, seconds: float = 1) -> list[str | None]:
        self.now = NOW + timedelta(seconds=seconds)
        with ThreadPoolExecutor(len(self.workers)) as pool:
            return list(pool.map(lambda worker: worker.again(self.now), self.workers))


def test_all_workers_have_the_new_key_after_one_fetch() -> None:
    fleet = Fleet(8)
    fleet.provider.keys = "new"
    assert fleet.again() == ["new"] * 8
    assert fleet.told == [True], "which is counted once"
    assert fleet.provider.asked["fetch"] == 1
    assert {worker.get(fleet.now) for worker in fleet.workers} == {"new"}


def test_who_comes_while_one_is_asking_waits_for_the_answer() -> None:
    fleet = Fleet(4)
    fleet.provider.keys = "new"
    fleet.provider.may_answer.clear()
    assert fleet.again() == ["new"] * 4
    assert fleet.provider.asked["fetch"] == 1


def test_a_flood_causes_one_fetch_a_minute() -> None:
    fleet = Fleet(4)
    for second in range(1, 180):
        fleet.again(second)
    assert fleet.provider.asked["fetch"] == 3


def test_a_provider_that_is_away_is_asked_once_a_minute_and_nobody_waits_for_it() -> None:
    fleet = Fleet(4)
    fleet.provider.away = True
    for second in range(1, 60):
        assert fleet.again(second) == [None] * 4
    assert fleet.provider.asked["fetch"] == 1
    assert {worker.get(fleet.now) for worker in fleet.workers} == {"old"}


def test_what_a_provider_said_and_nobody_can_read_is_no_news_and_no_failure_to_any_worker() -> None:
    """With metadata that is read again every few minutes, everybody would be refused until it is mended."""
    fleet = Fleet(4)
    fleet.provider.keys = "<half a page"
    for second in (1, 2, 30):
        assert fleet.again(second) == [None] * 4
    assert fleet.provider.asked["fetch"] == 1
    assert fleet.told == [False]
    assert {worker.get(fleet.now) for worker in fleet.workers} == {"old"}


def test_a_failure_is_not_reported_beside_a_newer_copy() -> None:
    fleet = Fleet(2)
    late, fleet.provider.away = NOW + timedelta(hours=2), True
    assert [worker.get(late) for worker in fleet.workers] == ["old", "old"]
    assert {worker.report().failure for worker in fleet.workers} == {"oidc.unreachable"}
    fleet.provider.away = False
    assert fleet.again(7300) == ["old", "old"]
    assert {worker.report().failure for worker in fleet.workers} == {""}


def test_what_was_posted_before_a_workers_own_fetch_is_no_news_to_it() -> None:
    fleet = Fleet(2)
    fleet.again(1)
    late = NOW + timedelta(hours=2)
    fleet.provider.keys = "newest"
    assert fleet.workers[0].get(late) == "newest"
    fleet.now = NOW + timedelta(seconds=2)  # the first post is still on the board
    assert fleet.workers[0].again(late) is None
    assert fleet.workers[0].get(late) == "newest"


@pytest.mark.parametrize("age", [62, 3600])
def test_an_old_answer_put_back_into_redis_brings_no_withdrawn_key_back(age: int) -> None:
    fleet = Fleet(1)
    names = dict(fleet.drawers._kept)
    fleet.again(1)
    stolen = {name: kept for name, kept in fleet.drawers._kept.items() if name not in names}
    fleet.provider.keys = "without the withdrawn one"
    worker = fleet._worker(Shelf("fetched", Posted, fleet.drawers, Sealer((b"k" * 32,))))
    fleet.now = NOW + timedelta(seconds=age)
    fleet.drawers._kept.update({name: (value, fleet.now + timedelta(hours=1)) for name, (value, _) in stolen.items()})
    assert worker.again(fleet.now) is None
    assert worker.get(fleet.now) == "without the withdrawn one"
