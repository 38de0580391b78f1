"""Drawers in Redis or Valkey: alone, behind Sentinel, or as a cluster. The only user of redis-py,
whose constructors carry no types (hence the ignores below).

Every operation touches one name, so a cluster needs no hash tags. What must look and act
in one step is a Lua script: WATCH would need two more round trips and cannot be used on every cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.cluster import ClusterNode
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from redis.sentinel import Sentinel

from app.errors import ConfigurationProblems, StoreUnavailable

_CONNECT_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""
_DROP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"
_COUNT = """
local n = redis.call('INCR', KEYS[1])
-- Not only at the first: a count that lost its end would keep somebody out for ever.
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n
"""

T = TypeVar("T")


class RedisDrawers:
    def __init__(self, client: Callable[[], redis.Redis]) -> None:
        self._client = client

    def put(self, name: str, value: bytes, ttl: timedelta) -> None:
        _asked(lambda: self._client().set(name, value, px=_milliseconds(ttl)))

    def add(self, name: str, value: bytes, ttl: timedelta) -> bool:
        return bool(_asked(lambda: self._client().set(name, value, px=_milliseconds(ttl), nx=True)))

    def get(self, name: str) -> bytes | None:
        return cast("bytes | None", _asked(lambda: self._client().get(name)))

    def take(self, name: str) -> bytes | None:
        return cast("bytes | None", _asked(lambda: self._client().getdel(name)))

    def swap(self, name: str, old: bytes, new: bytes, ttl: timedelta | None = None) -> bool:
        end = "" if ttl is None else str(_milliseconds(ttl))
        return bool(_asked(lambda: self._client().eval(_SWAP, 1, name, old, new, end)))

    def drop(self, name: str, only: bytes | None = None) -> bool:
        if only is None:
            return bool(_asked(lambda: self._client().delete(name)))
        return bool(_asked(lambda: self._client().eval(_DROP, 1, name, only)))

    def count(self, name: str, window: timedelta) -> int:
        return int(_asked(lambda: self._client().eval(_COUNT, 1, name, str(_milliseconds(window)))))

    def ping(self) -> None:
        _asked(lambda: self._client().ping())


class _WhenFirstAsked:
    """A cluster's client looks for its nodes as soon as it is made: not at start, and again after a failure."""

    def __init__(self, make: Callable[[], redis.Redis]) -> None:
        self._make = make
        self._made: redis.Redis | None = None
        self._lock = threading.Lock()

    def __call__(self) -> redis.Redis:
        with self._lock:
            self._made = self._made or self._make()
            return self._made


def connect(url: str) -> RedisDrawers:
    """Drawers at `url`; nothing is sent yet. Raises ConfigurationProblems, without the address: it holds a password.

    `redis://`, `rediss://` and `unix://` as redis-py reads them;
    `redis+sentinel://[user:password@]host:port,host:port/SERVICE[/DB][?sentinel_password=...]`;
    `redis+cluster://[user:password@]host:port,host:port`.
    """
    try:
        client = _client(url)
    except (ValueError, TypeError, redis.RedisError):
        # `from None`: the text of these errors repeats parts of the address.
        sentence = "is not an address as described in the README; write `@ : / ? #` in passwords as %40 %3A %2F %3F %23"
        raise ConfigurationProblems([f"FEDGATE_REDIS_URL: {sentence}"]) from None
    return RedisDrawers(client)


def _client(url: str) -> Callable[[], redis.Redis]:
    parts = urlsplit(url)
    if parts.scheme == "redis+sentinel":
        client = _behind_sentinel(parts)
    elif parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts, 6379)]  # type: ignore[no-untyped-call]  # not typed there
        options = _login(parts) | _options()
        return _WhenFirstAsked(lambda: cast(redis.Redis, redis.RedisCluster(startup_nodes=nodes, **options)))
    else:
        client = redis.Redis.from_url(url, **_options())
        # An option in the address that does not exist would be found out by the first person who signs in.
        client.connection_pool.make_connection()
    return lambda: client


def _options() -> dict[str, Any]:
    """Together with `_asked`: an answer, or StoreUnavailable within three seconds.

    One retry, and only where the connection broke, as one does that the server closed while it was idle: a server
    that hangs would take the time of every retry. A repeated `take` whose first answer was lost finds nothing,
    which refuses: the safe side.
    """
    backoff = ExponentialWithJitterBackoff(base=0.05, cap=0.5)
    return {
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": _ANSWER_SECONDS,
        "retry": Retry(backoff, 1, supported_errors=(redis.ConnectionError,)),
        "health_check_interval": 30,
        # redis-py's own limit is 100, and the 101st thread would be refused at once instead of served.
        "max_connections": 1000,
    }


def _behind_sentinel(parts: SplitResult) -> redis.Redis:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service")
    asked = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    own = {key.removeprefix("sentinel_"): values[0] for key, values in asked.items()}
    if not own.keys() <= {"username", "password"}:
        raise ValueError("unknown option")
    patience = _options() | {"socket_timeout": _CONNECT_SECONDS}
    sentinel = Sentinel(_hosts(parts, 26379), sentinel_kwargs=own | patience)  # type: ignore[no-untyped-call]  # likewise
    login = _login(parts) | _options()
    return cast(redis.Redis, sentinel.master_for(service, db=int(database or 0), **login))  # type: ignore[no-untyped-call]


def _hosts(parts: SplitResult, default_port: int) -> Sequence[tuple[str, int]]:
    """`host`, `host:port` or `[IPv6]:port`, with commas between them."""
    addresses = [urlsplit(f"//{item}") for item in parts.netloc.rpartition("@")[2].split(",")]
    if not all(address.hostname for address in addresses):
        raise ValueError("no host")
    return [(address.hostname or "", address.port or default_port) for address in addresses]


def _login(parts: SplitResult) -> dict[str, Any]:
    """Read by hand: `urlsplit` cannot take a port apart when there are several hosts."""
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    return {name: text for name, text in given.items() if text}


def _milliseconds(ttl: timedelta) -> int:
    return max(1, int(ttl.total_seconds() * 1000))


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (redis.RedisError, RedisClusterException) as error:
        raise StoreUnavailable(
            "The gateway cannot reach its memory right now. Nothing was lost; try again in a minute.",
            reason=f"redis.{type(error).__name__}",
            retry_after=5,
        ) from error
