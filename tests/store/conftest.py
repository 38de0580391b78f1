"""Drawers of both kinds, and a clock that tests can move."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import redis

from app.store.drawers import Drawers
from app.store.memory import MemoryDrawers
from app.store.redis import connect
from app.store.sealing import Sealer


@dataclass(slots=True)
class Place:
    """Drawers and the way to let time pass for them: a clock that is set, or what Redis keeps has less time left."""

    drawers: Drawers
    wait: Callable[[timedelta], None]


@dataclass(slots=True)
class MovedClock:
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(params=["memory", "redis"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        clock = MovedClock()
        return Place(MemoryDrawers(clock), clock.forward)
    url = request.getfixturevalue("redis_url")
    with redis.from_url(url) as client:
        others = set(client.scan_iter())
    return Place(connect(url), lambda by: _let_pass(url, others, by))


def _let_pass(url: str, others: set[bytes], by: timedelta) -> None:
    """Instead of a sleep: on a busy machine, what lives for tenths of a second is gone before it was looked at."""
    with redis.from_url(url) as client:
        for name in set(client.scan_iter()) - others:
            left = client.pttl(name)
            if left >= 0:
                client.pexpire(name, timedelta(milliseconds=left) - by)  # below zero: it is gone


@pytest.fixture
def drawers(place: Place) -> Drawers:
    return place.drawers


@pytest.fixture
def sealer() -> Sealer:
    """With a key of its own, so no test sees what another left in the shared Redis."""
    return Sealer([secrets.token_bytes(32)])


@pytest.fixture
def name() -> str:
    return f"test:{secrets.token_hex(8)}"
