"""The limits of device sign-in that no single person reaches, and the codes that they protect."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from app.core.identity import Identity
from app.errors import TooManyRequests
from app.grants import user_codes
from app.grants.device_limits import BEGUN, BEGUN_AT_AN_ADDRESS, GUESSES, GUESSES_OF_AN_ADDRESS, DeviceLimits
from app.issuance import Principal
from app.sessions import Session
from app.store.counters import Counters
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.fixture
def limits() -> DeviceLimits:
    return DeviceLimits(Counters(MemoryDrawers(lambda: NOW), Sealer([b"k" * 32])))


def somebody(number: int, address: str) -> Principal:
    identity = Identity("corp", f"person-{number}", "somebody", frozenset(), NOW, NOW)
    return Principal(Session(identity, NOW, NOW + timedelta(hours=1), "handle"), address, "AAAA-AAAA")


def allowed(limits: DeviceLimits, who: list[Principal]) -> int:
    """How many of these guesses were let through."""
    done = 0
    for one in who:
        try:
            limits.guess(one)
            done += 1
        except TooManyRequests:
            continue
    return done


def test_an_office_full_of_guessers_comes_to_an_end(limits: DeviceLimits) -> None:
    assert allowed(limits, [somebody(n, "192.0.2.7") for n in range(300)]) == GUESSES_OF_AN_ADDRESS


def test_a_machine_with_a_network_of_ipv6_is_one_address(limits: DeviceLimits) -> None:
    """Address by address, one machine could begin 1,200 times a minute, and nobody else any more."""
    done = 0
    for n in range(100):
        with suppress(TooManyRequests):
            limits.begin(f"2001:db8:1:2::{n:x}")
            done += 1
    assert done == BEGUN_AT_AN_ADDRESS
    limits.begin("2001:db8:1:3::1")


def test_all_guessers_together_come_to_an_end(limits: DeviceLimits) -> None:
    assert allowed(limits, [somebody(n, f"192.0.2.{n}") for n in range(700)]) == GUESSES


def test_one_guesser_does_not_spend_what_everybody_has(limits: DeviceLimits) -> None:
    allowed(limits, [somebody(1, "192.0.2.1")] * 1_000)
    assert allowed(limits, [somebody(n, f"192.0.2.{n}") for n in range(2, 102)]) == 100


def test_all_beginnings_together_come_to_an_end(limits: DeviceLimits) -> None:
    for n in range(BEGUN):
        limits.begin(f"address {n // BEGUN_AT_AN_ADDRESS}")
    with pytest.raises(TooManyRequests):
        limits.begin("another address")


def test_a_code_has_more_than_forty_bits_and_no_vowel() -> None:
    assert user_codes.LENGTH * math.log2(len(set(user_codes.LETTERS))) > 40
    assert not set(user_codes.LETTERS) & set("AEIOUY0123456789")
    codes = {user_codes.new_user_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert {len(code) for code in codes} == {10}
    assert all(user_codes.read(user_codes.shown(code)) == code for code in codes)
