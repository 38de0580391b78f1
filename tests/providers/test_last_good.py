"""A copy of what a provider says: how long it serves, and who waits for a new one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import ProviderUnavailable
from app.providers.last_good import LastGood
from tests.patience import NEVER, SECONDS, until

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


PEOPLE, WAITING = 16, 4  # all at once, and how many of them may wait


class Source:
    """It answers when the test opens it."""

    def __init__(self) -> None:
        self.asked, self.away, self.open = 0, False, threading.Event()
        self.open.set()

    def __call__(self) -> int:
        self.asked += 1
        self.open.wait(NEVER)
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
    source.open.clear()
    refreshing = threading.Thread(target=copy.refresh, args=(NOW + 2 * HOUR,), daemon=True)
    refreshing.start()
    until(lambda: source.asked == 2)
    assert copy.get(NOW + 2 * HOUR) == 1
    source.open.set()
    refreshing.join(SECONDS)
    assert copy.get(NOW + 2 * HOUR) == 2


def all_at_once(source: Source, ask: Callable[[], object]) -> tuple[list[object], list[object]]:
    """What those were told who were not kept waiting, and what those got who waited until the source answered."""

    def come() -> object:
        try:
            return ask()
        except ProviderUnavailable as refused:
            return refused.reason

    source.open.clear()
    with ThreadPoolExecutor(PEOPLE) as pool:
        people = [pool.submit(come) for _ in range(PEOPLE)]
        try:
            until(lambda: sum(one.done() for one in people) == PEOPLE - WAITING)
            told = [one for one in people if one.done()]
        finally:
            source.open.set()
        return [one.result() for one in told], [one.result() for one in people if one not in told]


def test_people_who_wait_together_for_a_provider_that_is_away_wait_once(source: Source) -> None:
    """One after the other, sixteen of them would hold all threads of a worker for minutes."""
    copy, source.away = LastGood(source), True
    told, waited = all_at_once(source, lambda: copy.get(NOW))
    assert (set(told), set(waited)) == ({"provider.slow"}, {"oidc.unreachable"})
    assert source.asked == 1


def test_few_wait_for_a_provider_that_hangs_and_the_others_are_told_at_once(source: Source) -> None:
    """Whoever waits holds a thread. With all of them held, nobody got credentials, of other providers neither."""
    copy = LastGood(source)
    assert all_at_once(source, lambda: copy.get(NOW)) == (["provider.slow"] * (PEOPLE - WAITING), [1] * WAITING)


def test_few_wait_for_a_key_that_nobody_knows(source: Source) -> None:
    copy = LastGood(source)
    copy.get(NOW)
    told, waited = all_at_once(source, lambda: copy.again(NOW))
    assert (set(told), sorted(waited, key=str)) == ({None}, [2, None, None, None])


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
