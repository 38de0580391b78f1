"""One suite for every kind of drawers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.errors import TooManyRequests
from app.store.counters import Counters
from app.store.drawers import Drawers
from app.store.sealing import Sealer
from tests.store.conftest import Place

MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=20)
ANY_BYTES = bytes(range(256))


def test_what_is_put_is_found_byte_for_byte_until_it_is_replaced(drawers: Drawers, name: str) -> None:
    assert drawers.get(name) is None
    drawers.put(name, ANY_BYTES, MINUTE)
    assert drawers.get(name) == ANY_BYTES
    drawers.put(name, b"", MINUTE)
    assert drawers.get(name) == b""


def test_what_is_put_ends_with_its_time(place: Place, name: str) -> None:
    place.drawers.put(name, b"x", SOON)
    assert place.drawers.get(name) == b"x"
    place.wait(SOON * 1.2)
    assert place.drawers.get(name) is None
    assert place.drawers.take(name) is None
    assert place.drawers.add(name, b"y", MINUTE)


def test_a_new_put_begins_a_new_time(place: Place, name: str) -> None:
    place.drawers.put(name, b"x", SOON)
    place.drawers.put(name, b"x", MINUTE)
    place.wait(SOON * 1.2)
    assert place.drawers.get(name) == b"x"


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-5), timedelta(microseconds=1)])
def test_what_has_ended_already_is_no_error_and_is_soon_gone(place: Place, name: str, ttl: timedelta) -> None:
    place.drawers.put(name, b"x", ttl)
    place.wait(timedelta(milliseconds=20))
    assert place.drawers.get(name) is None


def test_add_takes_only_a_free_name(place: Place, name: str) -> None:
    assert place.drawers.add(name, b"first", SOON)
    assert not place.drawers.add(name, b"second", MINUTE)
    assert place.drawers.get(name) == b"first"
    place.wait(SOON * 1.2)  # the refused one has not made it last longer
    assert place.drawers.add(name, b"third", MINUTE)


def test_take_gives_it_once(drawers: Drawers, name: str) -> None:
    drawers.put(name, b"ticket", MINUTE)
    assert drawers.take(name) == b"ticket"
    assert drawers.take(name) is None
    assert drawers.get(name) is None


def test_of_twenty_who_take_at_the_same_time_one_gets_it(drawers: Drawers, name: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        for _ in range(10):
            drawers.put(name, b"ticket", MINUTE)
            taken = list(threads.map(lambda _: drawers.take(name), range(20)))
            assert sorted(taken, key=bool) == [None] * 19 + [b"ticket"]


def test_of_twenty_who_add_at_the_same_time_one_does(drawers: Drawers, name: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        added = list(threads.map(lambda n: drawers.add(name, b"%d" % n, MINUTE), range(20)))
    assert sum(added) == 1
    assert drawers.get(name) == b"%d" % added.index(True)


def test_swap_replaces_only_what_it_saw(drawers: Drawers, name: str) -> None:
    assert not drawers.swap(name, b"", b"new")
    drawers.put(name, ANY_BYTES, MINUTE)
    assert not drawers.swap(name, b"other", b"new")
    assert drawers.swap(name, ANY_BYTES, b"new")
    assert not drawers.swap(name, ANY_BYTES, b"newer")
    assert drawers.get(name) == b"new"


def test_swap_keeps_the_end_unless_it_is_given_one(place: Place, name: str) -> None:
    place.drawers.put(name, b"a", SOON)
    assert place.drawers.swap(name, b"a", b"b")
    place.wait(SOON * 1.2)
    assert place.drawers.get(name) is None
    place.drawers.put(name, b"a", SOON)
    assert place.drawers.swap(name, b"a", b"b", MINUTE)
    place.wait(SOON * 1.2)
    assert place.drawers.get(name) == b"b"


def test_drop_says_whether_something_was_there(drawers: Drawers, name: str) -> None:
    assert not drawers.drop(name)
    drawers.put(name, b"x", MINUTE)
    assert drawers.drop(name)
    assert not drawers.drop(name)


def test_drop_only_leaves_what_somebody_else_put_there(drawers: Drawers, name: str) -> None:
    assert not drawers.drop(name, only=b"mine")
    drawers.put(name, b"theirs", MINUTE)
    assert not drawers.drop(name, only=b"mine")
    assert drawers.get(name) == b"theirs"
    assert drawers.drop(name, only=b"theirs")


def test_a_count_begins_with_one_and_ends_with_its_window(place: Place, name: str) -> None:
    window = timedelta(seconds=40)
    assert [place.drawers.count(name, window) for _ in range(3)] == [1, 2, 3]
    place.wait(window / 2)
    assert place.drawers.count(name, window) == 4
    place.wait(window * 0.6)  # the fourth did not begin the window again
    assert place.drawers.count(name, window) == 1


def test_twenty_threads_count_to_two_hundred(drawers: Drawers, name: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        numbers = list(threads.map(lambda _: drawers.count(name, MINUTE), range(200)))
    assert sorted(numbers) == list(range(1, 201))


def test_ping_answers(drawers: Drawers) -> None:
    drawers.ping()


def test_a_limit_holds_for_one_person_and_leaves_the_next_alone(place: Place, sealer: Sealer) -> None:
    counters = Counters(place.drawers, sealer)
    for _ in range(3):
        counters.spend("sign-in", "alice", 3, MINUTE)
    with pytest.raises(TooManyRequests) as refused:
        counters.spend("sign-in", "alice", 3, MINUTE)
    assert refused.value.retry_after == 60
    counters.spend("sign-in", "bob", 3, MINUTE)
    counters.spend("console", "alice", 3, MINUTE)


def test_a_limit_is_lifted_when_its_window_ends(place: Place, sealer: Sealer) -> None:
    counters = Counters(place.drawers, sealer)
    counters.spend("sign-in", "alice", 1, SOON)
    with pytest.raises(TooManyRequests):
        counters.spend("sign-in", "alice", 1, SOON)
    place.wait(SOON * 1.2)
    counters.spend("sign-in", "alice", 1, SOON)
