"""What is alive, what ends together, and what can not be revived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import redis

from app.core.identity import Person
from app.errors import SignInRequired
from app.sessions import Lifetimes, open_book
from app.store.redis import connect
from app.store.sealing import Sealer
from tests.core.people import person
from tests.sessions.conftest import LIFETIMES, Book

ALICE = replace(person("alice", "Developers"), sid="okta-1")
BOB = person("bob", "Staff")


def test_a_sign_out_ends_the_browser_and_the_terminals_approved_in_it_and_no_others(book: Book) -> None:
    cookie, parent = book.browsers.open(ALICE)
    tokens, _ = book.terminals.open(ALICE, "laptop", parent=parent)
    elsewhere, other = book.approved(ALICE, "desktop")
    ended = book.browsers.sign_out(cookie)
    assert sorted(one.device for one in ended) == ["", "laptop"]
    assert book.browsers.find(cookie) is None
    assert book.terminals.find(tokens.access_token) is None
    with pytest.raises(SignInRequired):
        book.terminals.refresh(tokens.refresh_token)
    assert book.terminals.find(elsewhere.access_token) == other


def test_a_terminal_that_was_approved_before_a_sign_out_does_not_open_after_it(book: Book) -> None:
    cookie, parent = book.browsers.open(ALICE)
    book.browsers.sign_out(cookie)
    book.browsers.open(ALICE)  # another sign-in of hers does not count
    with pytest.raises(SignInRequired):
        book.terminals.open(ALICE, "laptop", parent=parent)


def test_whoever_is_ended_by_an_administrator_is_out_everywhere_and_nobody_else_is(book: Book) -> None:
    cookies = [book.browsers.open(ALICE)[0] for _ in range(2)]
    tokens, _ = book.approved(ALICE)
    bobs, _ = book.browsers.open(BOB)
    assert len(book.live.of(ALICE.person)) == 4
    assert len(book.live.end(ALICE.person)) == 4
    assert book.live.of(ALICE.person) == ()
    assert [book.browsers.find(cookie) for cookie in cookies] == [None, None]
    assert book.terminals.find(tokens.access_token) is None
    assert book.browsers.find(bobs) is not None


def test_a_provider_that_names_only_its_own_session_ends_all_that_grew_from_it(book: Book) -> None:
    cookie, parent = book.browsers.open(ALICE)
    tokens, _ = book.terminals.open(ALICE, "laptop", parent=parent)
    again, _ = book.browsers.open(replace(ALICE, sid="okta-2"), replacing=cookie)  # a step-up: the same sign-in
    apart, _ = book.browsers.open(replace(ALICE, sid="okta-3"))
    found = book.live.end_sid("corp", "okta-2")
    assert found is not None
    assert (found[0], len(found[1])) == (ALICE.person, 2)
    assert book.browsers.find(again) is None
    assert book.terminals.find(tokens.access_token) is None
    assert book.browsers.find(apart) is not None
    assert book.live.end_sid("corp", "unknown") is None
    assert book.live.end_sid("other", "okta-3") is None


@pytest.mark.parametrize("what", [{"handle": "x"}, {"sign_in": "x"}, {"sid": "x"}])
def test_ending_what_is_not_there_changes_nothing(book: Book, what: dict[str, str]) -> None:
    cookie, session = book.browsers.open(BOB)
    assert book.live.end(BOB.person, **what) == ()
    assert book.live.epoch(BOB.person) == session.epoch
    assert book.browsers.find(cookie) is not None


def test_every_end_brings_a_new_epoch_and_nothing_else_does(book: Book) -> None:
    cookie, first = book.browsers.open(ALICE)
    tokens, second = book.approved(ALICE)
    assert first.epoch == second.epoch == book.live.epoch(ALICE.person) != ""
    book.terminals.revoke(tokens.access_token)
    found = book.browsers.find(cookie)
    assert found is not None
    assert found.epoch == book.live.epoch(ALICE.person) != first.epoch


def test_deleting_keys_in_redis_ends_sessions_and_revives_none(book: Book, redis_url: str) -> None:
    cookie, _ = book.browsers.open(ALICE)
    with redis.from_url(redis_url) as client:
        client.delete(*client.scan_iter("fg:live:*"))
    assert book.browsers.find(cookie) is None
    fresh, _ = book.browsers.open(ALICE)
    assert book.browsers.find(fresh) is not None
    assert book.browsers.find(cookie) is None


def test_a_list_that_cannot_be_read_is_begun_anew(book: Book, redis_url: str) -> None:
    cookie, _ = book.browsers.open(ALICE)
    with redis.from_url(redis_url) as client:
        for name in client.scan_iter("fg:live:*"):
            client.set(name, b"\x01nonsense")
    assert book.browsers.find(cookie) is None
    fresh, _ = book.browsers.open(ALICE)
    assert book.browsers.find(fresh) is not None


def test_an_older_list_that_somebody_puts_back_is_noticed_and_ends_everything(redis_url: str) -> None:
    told: list[Person] = []
    key = b"k" * 32
    book = open_book(connect(redis_url), Sealer([key]), LIFETIMES, lambda: ALICE.verified_at, put_back=told.append)
    cookie, _ = book.browsers.open(ALICE)
    old = _lists(redis_url)
    other, _ = book.browsers.open(ALICE)
    book.live.end(ALICE.person, handle=book.live.of(ALICE.person)[0].handle)
    _put(redis_url, old)
    assert book.browsers.find(cookie) is None
    assert told == [ALICE.person]
    assert book.browsers.find(other) is None
    fresh, _ = book.browsers.open(ALICE)
    assert book.browsers.find(fresh) is not None


def test_a_list_that_is_gone_from_redis_and_begun_anew_by_another_worker_is_no_older_one(
    redis_url: str, book: Book
) -> None:
    """Redis forgot, one worker begins a new list, and the other remembers the old one."""
    key = book.sealing_key
    for _ in range(5):
        book.browsers.open(ALICE)
    with redis.from_url(redis_url) as client:
        client.delete(*client.scan_iter("fg:live:*"))
    book.clock.forward(seconds=1)
    told: list[Person] = []
    worker = open_book(connect(redis_url), Sealer([key]), LIFETIMES, book.clock, put_back=told.append)
    cookie, _ = worker.browsers.open(ALICE)
    assert book.browsers.find(cookie) is not None
    assert told == []


def test_a_list_under_another_persons_name_does_not_open(book: Book, redis_url: str) -> None:
    alices, _ = book.browsers.open(ALICE)
    one = _lists(redis_url)
    book.live.end(ALICE.person)
    bobs, _ = book.browsers.open(BOB)
    with redis.from_url(redis_url) as client:
        for name in set(_lists(redis_url)) - set(one):
            client.set(name, next(iter(one.values())))
    assert book.browsers.find(bobs) is None
    assert book.browsers.find(alices) is None


def test_people_of_a_provider_that_was_switched_off_are_out_at_once(redis_url: str) -> None:
    on = {"corp"}
    book = open_book(
        connect(redis_url), Sealer([b"k" * 32]), LIFETIMES, lambda: ALICE.verified_at, admits=on.__contains__
    )
    cookie, _ = book.browsers.open(ALICE)
    on.clear()
    assert book.browsers.find(cookie) is None


def test_a_browser_that_is_used_lives_on_and_one_that_is_not_ends(open_book: Callable[[Lifetimes], Book]) -> None:
    book = open_book(replace(LIFETIMES, browser_idle=timedelta(minutes=30)))
    used, _ = book.browsers.open(ALICE)
    left, _ = book.browsers.open(ALICE)
    for _ in range(3):
        book.clock.forward(minutes=20)
        assert book.browsers.find(used, used=True) is not None
    assert book.browsers.find(left) is None
    book.clock.forward(minutes=30)
    assert book.browsers.find(used) is None


def test_use_is_written_at_most_once_a_minute(book: Book, redis_url: str) -> None:
    cookie, _ = book.browsers.open(ALICE)
    before = _lists(redis_url)
    book.clock.forward(seconds=59)
    book.browsers.find(cookie, used=True)
    assert _lists(redis_url) == before
    book.clock.forward(seconds=1)
    book.browsers.find(cookie, used=True)
    assert _lists(redis_url) != before


def test_a_terminal_without_a_refresh_ends(open_book: Callable[[Lifetimes], Book]) -> None:
    book = open_book(replace(LIFETIMES, terminal_idle=timedelta(hours=2)))
    tokens, _ = book.approved(ALICE, "laptop")
    assert tokens.refresh_expires_in == 2 * 60 * 60
    book.clock.forward(minutes=119)
    fresh = book.terminals.refresh(tokens.refresh_token)
    assert getattr(fresh, "refresh_expires_in", 0) == 2 * 60 * 60
    book.clock.forward(minutes=121)
    with pytest.raises(SignInRequired):
        book.terminals.refresh(getattr(fresh, "refresh_token", ""))
    assert "laptop" not in [one.device for one in book.live.of(ALICE.person)]


def _lists(url: str) -> dict[bytes, bytes]:
    with redis.from_url(url) as client:
        return {name: client.get(name) or b"" for name in client.scan_iter("fg:live:*")}


def _put(url: str, lists: dict[bytes, bytes]) -> None:
    with redis.from_url(url) as client:
        for name, value in lists.items():
            client.set(name, value)
