"""Who is signed in on which browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.errors import SignInRequired
from app.sessions import Gone, Lifetimes, Seen, Why
from tests.core.people import NOW, person
from tests.sessions.conftest import Book

ALICE = person("alice", "Developers", "Staff", attributes={"department": ("Payments",)}, mfa=True)
SECOND = timedelta(seconds=1)


def test_alice_is_found_by_her_cookie_exactly_as_she_signed_in(book: Book) -> None:
    cookie, session = book.browsers.open(ALICE)
    assert book.browsers.find(cookie) == session
    assert session.identity == ALICE


def test_each_sign_in_gets_a_new_cookie_and_ends_with_sign_out(book: Book) -> None:
    cookies = [book.browsers.open(ALICE)[0] for _ in range(3)]
    assert len(set(cookies)) == 3
    book.browsers.end(cookies[0])
    assert [book.browsers.find(cookie) is None for cookie in cookies] == [True, False, False]


def test_the_handle_on_pages_and_the_form_token_open_nothing(book: Book) -> None:
    cookie, session = book.browsers.open(ALICE)
    assert len({cookie, session.csrf, session.handle}) == 3
    assert book.browsers.find(session.csrf) is None
    assert book.browsers.find(session.handle) is None
    assert session.csrf not in repr(session)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "é" * 43, "\0" * 43, "\ud800" * 43, "x" * 100_000])
def test_a_cookie_that_nobody_was_given_finds_nothing(book: Book, cookie: str) -> None:
    assert book.browsers.find(cookie) is None
    book.browsers.end(cookie)


@pytest.mark.parametrize(
    ("browser", "group_age", "verified_ago", "lives"),
    [
        (timedelta(hours=8), timedelta(hours=10), timedelta(0), timedelta(hours=8)),
        (timedelta(hours=8), timedelta(hours=5), timedelta(0), timedelta(hours=5)),
        (timedelta(hours=8), timedelta(hours=10), timedelta(hours=9), timedelta(hours=1)),
    ],
)
def test_a_session_ends_with_its_length_or_when_its_groups_are_too_old(
    open_book: Callable[[Lifetimes], Book],
    browser: timedelta,
    group_age: timedelta,
    verified_ago: timedelta,
    lives: timedelta,
) -> None:
    book = open_book(Lifetimes(browser, timedelta(hours=12), group_age, browser))
    cookie, session = book.browsers.open(person("alice", verified_at=NOW - verified_ago))
    assert session.expires_at == NOW + lives
    book.clock.now = NOW + lives - SECOND
    assert book.browsers.find(cookie) is not None
    book.clock.now = NOW + lives
    assert book.browsers.find(cookie) is None


def test_a_session_and_its_terminals_end_when_the_provider_said(book: Book) -> None:
    alice = person("alice", "Staff", ends_at=NOW + timedelta(minutes=20))
    cookie, session = book.browsers.open(alice)
    _, terminal = book.terminals.open(alice, "", parent=session)
    assert (session.expires_at, terminal.expires_at) == (alice.ends_at, alice.ends_at)
    book.clock.forward(minutes=20)
    assert book.browsers.find(cookie) is None
    with pytest.raises(SignInRequired):
        book.browsers.open(alice)


def test_a_step_up_continues_the_sign_in_under_a_new_cookie_and_the_old_one_is_dead(book: Book) -> None:
    before, first = book.browsers.open(ALICE, {"refresh_token": "one"})
    after, second = book.browsers.open(ALICE, {"refresh_token": "two"}, replacing=before)
    assert (second.sign_in, second.upstream) == (first.sign_in, first.upstream)
    assert second.csrf != first.csrf
    assert second.handle != first.handle
    assert book.browsers.find(before) is None
    assert book.browsers.find(after) == second
    kept = book.upstreams.of(second)
    assert kept is not None
    assert kept.kept == {"refresh_token": "two"}


def test_bob_who_signs_in_in_alices_browser_gets_nothing_of_hers(book: Book) -> None:
    alices, hers = book.browsers.open(ALICE, {"refresh_token": "hers"})
    _, his = book.browsers.open(person("bob"), replacing=alices)
    assert his.sign_in != hers.sign_in
    assert book.upstreams.of(his) is None
    assert book.browsers.find(alices) is None


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        ("Firefox/144.0", "Firefox/145.0", None),
        ("Mozilla/5.0 (X11; Linux) Firefox/144.0", "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0", Why.MOVED),
        ("Firefox/144.0", "", Why.MOVED),
    ],
)
def test_a_cookie_belongs_to_the_browser_that_first_came_with_it(
    book: Book, before: str, now: str, why: Why | None
) -> None:
    cookie, _ = book.browsers.open(ALICE)
    book.browsers.note(cookie, Seen.of(before, "192.0.2.7"))
    found = book.browsers.visit(cookie, Seen.of(now, "192.0.2.7"))
    assert (found.why if isinstance(found, Gone) else None) == why
    assert (book.browsers.find(cookie) is None) == (why is not None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::2", True),  # RFC 8981: it changes by itself
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.7", "192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),  # IPv4, at a socket for both
        ("::ffff:192.0.2.7", "192.0.2.7", True),
    ],
)
def test_networks_are_told_apart_where_people_move_and_not_where_machines_do(one: str, other: str, same: bool) -> None:
    assert (Seen.of("x", one) == Seen.of("x", other)) == same


def test_of_many_networks_the_last_eight_are_remembered() -> None:
    seen = Seen()
    for number in range(20):
        seen = seen.together(Seen.of("x", f"192.0.2.{number}"))
    assert seen.networks == tuple(f"192.0.2.{number}" for number in range(12, 20))
