"""Who is signed in on which browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.sessions import Lifetimes
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
