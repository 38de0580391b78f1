"""A limit that hundreds of requests would reach, had they all come within the minute in which they count."""

from __future__ import annotations

from collections.abc import Callable

import redis


def spend(redis_url: str, what: str, times: int, once: Callable[[], object]) -> None:
    """Does it once, and then what was counted for it (`Counters.spend(what, ...)`) counts as if it had been done so
    many times more. In a minute that begins here: one that an earlier test has begun may be over before anybody looks.
    """
    with redis.from_url(redis_url) as client:
        for name in _counts(client, what):
            client.delete(name)
        once()
        [name] = _counts(client, what)
        client.incrby(name, times)


def _counts(client: redis.Redis, what: str) -> set[bytes]:
    return set(client.scan_iter(f"fg:count:{what}:*", count=1000))
