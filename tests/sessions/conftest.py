"""Both kinds of sessions on real Redis, with a clock that tests can move."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.core.identity import Identity
from app.sessions import Browsers, Lifetimes, LiveSessions, Session, Terminals, Tokens, Upstreams
from app.sessions import open_book as open_session_book
from app.store.redis import connect
from app.store.sealing import Sealer
from tests.core.people import NOW
from tests.servers.redis_server import RedisServer

# Idle limits as long as the sessions, or longer: what ends by idleness has tests of its own.
LIFETIMES = Lifetimes(
    timedelta(hours=8), timedelta(hours=12), timedelta(hours=10), timedelta(hours=8), timedelta(hours=12)
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of their own: these tests delete, exchange and put back what is in it."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@dataclass(frozen=True, slots=True)
class Book:
    browsers: Browsers
    terminals: Terminals
    live: LiveSessions
    upstreams: Upstreams
    clock: Clock
    sealing_key: bytes

    def approved(self, identity: Identity, device: str = "") -> tuple[Tokens, Session]:
        """A terminal, approved in a browser of its own."""
        _, parent = self.browsers.open(identity)
        return self.terminals.open(identity, device, parent=parent)


@pytest.fixture
def open_book(redis_url: str) -> Callable[[Lifetimes], Book]:
    def open_with(lifetimes: Lifetimes) -> Book:
        clock, key = Clock(), secrets.token_bytes(32)
        book = open_session_book(connect(redis_url), Sealer([key]), lifetimes, clock)
        return Book(book.browsers, book.terminals, book.live, book.upstreams, clock, key)

    return open_with


@pytest.fixture
def book(open_book: Callable[[Lifetimes], Book]) -> Book:
    return open_book(LIFETIMES)
