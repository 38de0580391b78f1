"""Certificates that end, and when somebody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.expiry import Certificate, Urgency

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def ending(left: timedelta) -> Certificate:
    return Certificate("corp, signing", "3f2a9c0145d1", NOW + left)


@pytest.mark.parametrize(
    ("left", "urgency"),
    [
        (timedelta(days=365), Urgency.NONE),
        (timedelta(days=30, seconds=1), Urgency.NONE),
        (timedelta(days=30), Urgency.SOON),
        (timedelta(days=14, seconds=1), Urgency.SOON),
        (timedelta(days=14), Urgency.NEAR),
        (timedelta(days=7, seconds=1), Urgency.NEAR),
        (timedelta(days=7), Urgency.NOW),
        (timedelta(seconds=1), Urgency.NOW),
        (timedelta(0), Urgency.ENDED),
        (timedelta(days=-400), Urgency.ENDED),
    ],
)
def test_how_urgent_it_is(left: timedelta, urgency: Urgency) -> None:
    assert ending(left).urgency(NOW) is urgency


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=12, hours=3), "12 days left"),
        (timedelta(days=1, hours=23), "1 day left"),
        (timedelta(hours=2), "0 days left"),
        (timedelta(days=-2), "ended on 2026-11-20"),
    ],
)
def test_it_is_told_in_words(left: timedelta, said: str) -> None:
    assert ending(left).spoken(NOW) == f"corp, signing, 3f2a9c0145d1: {said}"
