"""Drawers in Redis or Valkey: alone, behind Sentinel, or as a cluster. The only user of redis-py,
whose constructors carry no types (hence the four ignores below).

Every operation touches one name, so a cluster needs no hash tags. What must look and act
in one step is a Lua script: WATCH would need two more round trips and cannot be used on every cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar, cast
from urllib.parse import SplitResult, unquote, urlsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.cluster import ClusterNode
from redis.retry import Retry
from redis.sentinel import Sentinel

from app.errors import StoreUnavailable

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 3.0
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""
_DROP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"
_COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n
"""

T = TypeVar("T")


class RedisDrawers:
    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def put(self, name: str, value: bytes, ttl: timedelta) -> None:
        _asked(lambda: self._client.set(name, value, px=_milliseconds(ttl)))

    def add(self, name: str, value: bytes, ttl: timedelta) -> bool:
        return bool(_asked(lambda: self._client.set(name, value, px=_milliseconds(ttl), nx=True)))

    def get(self, name: str) -> bytes | None:
        return cast("bytes | None", _asked(lambda: self._client.get(name)))

    def take(self, name: str) -> bytes | None:
        return cast("bytes | None", _asked(lambda: self._client.getdel(name)))

    def swap(self, name: str, old: bytes, new: bytes, ttl: timedelta | None = None) -> bool:
        end = "" if ttl is None else str(_milliseconds(ttl))
        return bool(_asked(lambda: self._client.eval(_SWAP, 1, name, old, new, end)))

    def drop(self, name: str, only: bytes | None = None) -> bool:
        if only is None:
            return bool(_asked(lambda: self._client.delete(name)))
        return bool(_asked(lambda: self._client.eval(_DROP, 1, name, only)))

    def count(self, name: str, window: timedelta) -> int:
        return int(_asked(lambda: self._client.eval(_COUNT, 1, name, str(_milliseconds(window)))))

    def ping(self) -> None:
        _asked(self._client.ping)


def connect(url: str) -> RedisDrawers:
    """Drawers at `url`; nothing is sent yet.

    `redis://`, `rediss://` and `unix://` as redis-py reads them;
    `redis+sentinel://[user:password@]host:port,host:port/SERVICE[/DB]`;
    `redis+cluster://[user:password@]host:port,host:port`.
    """
    # One retry, for a connection that the server closed while it was idle. A repeated `take` whose first
    # answer was lost finds nothing, which refuses: the safe side.
    options = {
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": _ANSWER_SECONDS,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 1),
        "health_check_interval": 30,
    }
    parts = urlsplit(url)
    if parts.scheme == "redis+sentinel":
        return RedisDrawers(_behind_sentinel(parts, options))
    if parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts, 6379)]  # type: ignore[no-untyped-call]
        cluster = redis.RedisCluster(startup_nodes=nodes, **_login(parts), **options)  # type: ignore[arg-type]
        return RedisDrawers(cast(redis.Redis, cluster))
    return RedisDrawers(redis.Redis.from_url(url, **options))


def _behind_sentinel(parts: SplitResult, options: dict[str, object]) -> redis.Redis:
    service, _, database = parts.path.strip("/").partition("/")
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts, 26379), sentinel_kwargs={"socket_timeout": _CONNECT_SECONDS}
    )
    client = sentinel.master_for(service, db=int(database or 0), **_login(parts), **options)  # type: ignore[no-untyped-call]
    return cast(redis.Redis, client)


def _hosts(parts: SplitResult, default_port: int) -> Sequence[tuple[str, int]]:
    pairs = (item.rpartition(":") for item in parts.netloc.rpartition("@")[2].split(","))
    return [(host or port, int(port) if host else default_port) for host, _, port in pairs]


def _login(parts: SplitResult) -> dict[str, str]:
    """Read by hand: `urlsplit` cannot take a port apart when there are several hosts."""
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    return {name: text for name, text in given.items() if text}


def _milliseconds(ttl: timedelta) -> int:
    return max(1, int(ttl.total_seconds() * 1000))


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except redis.RedisError as error:
        raise StoreUnavailable(
            "The gateway cannot reach its memory right now. Nothing was lost; try again in a minute.",
            reason=f"redis.{type(error).__name__}",
            retry_after=5,
        ) from error
