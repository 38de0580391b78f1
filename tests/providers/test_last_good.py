"""A copy of what a provider says: how long it serves, and who waits for a new one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import ProviderUnavailable
from app.providers.last_good import LastGood

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Source:
    def __init__(self) -> None:
        self.asked, self.away, self.seconds = 0, False, 0.0

    def __call__(self) -> int:
        self.asked += 1
        time.sleep(self.seconds)
        if self.away:
            raise ProviderUnavailable("It cannot be reached.", reason="oidc.unreachable")
        return self.asked


@pytest.fixture
def source() -> Source:
    return Source()


def test_a_fresh_copy_is_not_fetched_again(source: Source) -> None:
    copy = LastGood(source)
    assert [copy.get(NOW), copy.get(NOW + timedelta(minutes=59))] == [1, 1]
    assert copy.get(NOW + HOUR) == 2


def test_the_last_good_copy_serves_for_a_day_and_no_longer(source: Source) -> None:
    copy = LastGood(source)
    copy.get(NOW)
    source.away = True
    assert copy.get(NOW + 23 * HOUR) == 1
    with pytest.raises(ProviderUnavailable):
        copy.get(NOW + 24 * HOUR)


def test_nobody_waits_for_a_copy_that_somebody_else_is_fetching(source: Source) -> None:
    copy = LastGood(source)
    copy.get(NOW)
    source.seconds = 1.0
    refreshing = threading.Thread(target=copy.refresh, args=(NOW + 2 * HOUR,))
    refreshing.start()
    time.sleep(0.1)
    began = time.monotonic()
    assert copy.get(NOW + 2 * HOUR) == 1
    assert time.monotonic() - began < 0.5
    refreshing.join()
    assert copy.get(NOW + 2 * HOUR) == 2


def test_people_who_wait_together_for_a_provider_that_is_away_wait_once(source: Source) -> None:
    """One after the other, sixteen of them would hold all threads of a worker for minutes."""
    copy, source.away, source.seconds = LastGood(source), True, 0.3

    def come(_: int) -> str:
        with pytest.raises(ProviderUnavailable) as caught:
            copy.get(NOW)
        return caught.value.reason

    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        reasons = list(pool.map(come, range(16)))
    assert time.monotonic() - began < 1.5
    assert source.asked <= 2
    assert set(reasons) <= {"oidc.unreachable", "provider.slow"}


def test_few_wait_for_a_provider_that_hangs_and_the_others_are_told_at_once(source: Source) -> None:
    """Whoever waits holds a thread. With all of them held, nobody got credentials, of other providers neither."""
    copy, source.seconds = LastGood(source), 1.0
    held: list[float] = []

    def come(_: int) -> str:
        began = time.monotonic()
        try:
            return str(copy.get(NOW))
        except ProviderUnavailable as slow:
            return slow.reason
        finally:
            held.append(time.monotonic() - began)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(come, range(16)))
    assert (found.count("1"), found.count("provider.slow")) == (4, 12)
    assert sum(one > 0.5 for one in held) == 4


def test_few_wait_for_a_key_that_nobody_knows(source: Source) -> None:
    copy = LastGood(source)
    copy.get(NOW)
    source.seconds = 1.0
    with ThreadPoolExecutor(16) as pool:
        began = time.monotonic()
        found = list(pool.map(lambda _: (copy.again(NOW), time.monotonic() - began), range(16)))
    assert [value for value, _ in found if value is not None] == [2]
    assert sum(seconds > 0.5 for _, seconds in found) <= 4


def test_it_says_how_it_stands(source: Source) -> None:
    told: list[bool] = []
    copy = LastGood(source, told=told.append)
    assert (copy.report().fetched_at, copy.report().failure) == (None, "")
    copy.get(NOW)
    source.away = True
    copy.refresh(NOW + HOUR)
    report = copy.report()
    assert (report.fetched_at, report.failed_at, report.failure) == (NOW, NOW + HOUR, "oidc.unreachable")
    source.away = False
    copy.refresh(NOW + 2 * HOUR)
    assert copy.report().failure == ""
    assert told == [True, False, True]
