"""Both kinds of sessions on real Redis, with a clock that tests can move."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.sessions import Browsers, Lifetimes, Session, Terminals
from app.sessions.terminals import AccessToken, RefreshToken
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.core.people import NOW

LIFETIMES = Lifetimes(timedelta(hours=8), timedelta(hours=12), timedelta(hours=10))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Book:
    browsers: Browsers
    terminals: Terminals
    clock: Clock
    sealing_key: bytes


@pytest.fixture
def open_book(redis_url: str) -> Callable[[Lifetimes], Book]:
    def open_with(lifetimes: Lifetimes) -> Book:
        clock, key = Clock(), secrets.token_bytes(32)
        drawers, sealer = connect(redis_url), Sealer([key])
        browsers = Browsers(Shelf("browser", Session, drawers, sealer), lifetimes, clock)
        terminals = Terminals(
            Shelf("terminal", Session, drawers, sealer),
            Shelf("access", AccessToken, drawers, sealer),
            Shelf("refresh", RefreshToken, drawers, sealer),
            lifetimes,
            clock,
        )
        return Book(browsers, terminals, clock, key)

    return open_with


@pytest.fixture
def book(open_book: Callable[[Lifetimes], Book]) -> Book:
    return open_book(LIFETIMES)
