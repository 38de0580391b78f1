"""A limit that hundreds of requests would reach, had they all come within the minute in which they count."""

from __future__ import annotations

from collections.abc import Callable

import redis


def spend(redis_url: str, what: str, times: int, once: Callable[[], object]) -> None:
    """Does it once, and then what was counted for it (`Counters.spend(what, ...)`) counts as if it had been done so
    many times more."""
    with redis.from_url(redis_url) as client:
        before = _counts(client, what)
        once()
        [name] = [name for name, count in _counts(client, what).items() if before.get(name) != count]
        client.incrby(name, times)


def _counts(client: redis.Redis, what: str) -> dict[bytes, bytes | None]:
    return {name: client.get(name) for name in client.scan_iter(f"fg:count:{what}:*", count=1000)}
