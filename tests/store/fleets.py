"""Redis as companies run it: several servers behind Sentinel, or as a cluster, with passwords. All real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.patience import until
from tests.servers.process import LOOPBACK, Process, free_port
from tests.servers.redis_server import binary

PASSWORD = "p@ss:w/rd#?1"
SENTINEL_PASSWORD = "s&ntinel=2"
SERVICE = "gateway"
_SLOTS = 16_384
_APART = "the servers did not find one another"


@dataclass(frozen=True, slots=True)
class Fleet:
    ports: Sequence[int]
    servers: Mapping[int, Process]  # by port

    @property
    def hosts(self) -> str:
        return ",".join(f"{LOOPBACK}:{port}" for port in self.ports)


@contextmanager
def cluster(directory: Path) -> Iterator[Fleet]:
    """Three masters; `PASSWORD` for the default user."""
    buses = {free_port(): free_port() for _ in range(3)}  # the bus is at port + 10,000 unless told, whose ever that is
    ports = list(buses)
    more = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-announce-ip", LOOPBACK]
    with ExitStack() as stack:
        servers = {
            port: stack.enter_context(_server(directory, port, *more, "--cluster-port", str(bus)))
            for port, bus in buses.items()
        }
        clients = [stack.enter_context(redis.Redis(port=port, password=PASSWORD)) for port in ports]
        _join(clients, buses)
        until(lambda: all(b"cluster_state:ok" in _cluster_info(client) for client in clients), _APART)
        for client in clients:
            client.config_set("cluster-node-timeout", 60_000)  # a machine that is busy is no server that is away
        yield Fleet(ports, servers)


@contextmanager
def behind_sentinel(directory: Path) -> Iterator[tuple[Fleet, Fleet]]:
    """A master with one replica, and three sentinels with a password of their own: (sentinels, servers)."""
    master, replica = free_port(), free_port()
    with ExitStack() as stack:
        servers = {master: stack.enter_context(_server(directory, master, "--masterauth", PASSWORD))}
        follow = ["--replicaof", f"{LOOPBACK} {master}", "--masterauth", PASSWORD]
        servers[replica] = stack.enter_context(_server(directory, replica, *follow))
        ports = [free_port() for _ in range(3)]
        sentinels = {port: stack.enter_context(_sentinel(directory, port, master)) for port in ports}
        until(lambda: all(_knows_everybody(port) for port in ports), _APART)
        yield Fleet(ports, sentinels), Fleet([master, replica], servers)


def _server(directory: Path, port: int, *more: str) -> Process:
    place = directory / str(port)
    place.mkdir()
    forget = ["--save", "", "--appendonly", "no", "--dir", str(place)]
    arguments = [binary(), "--bind", LOOPBACK, "--port", str(port), "--requirepass", PASSWORD, *forget, *more]
    return Process(arguments, log=place / "log", is_ready=lambda: _pings(port, PASSWORD))


def _sentinel(directory: Path, port: int, master: int) -> Process:
    place = directory / str(port)
    place.mkdir()
    (place / "sentinel.conf").write_text(
        f"port {port}\nbind {LOOPBACK}\ndir {place}\n"
        f'requirepass "{SENTINEL_PASSWORD}"\nsentinel sentinel-pass "{SENTINEL_PASSWORD}"\n'
        f"sentinel monitor {SERVICE} {LOOPBACK} {master} 2\n"
        f'sentinel auth-pass {SERVICE} "{PASSWORD}"\n'
        f"sentinel down-after-milliseconds {SERVICE} 60000\nsentinel failover-timeout {SERVICE} 3000\n"
    )
    arguments = [binary(), str(place / "sentinel.conf"), "--sentinel"]
    return Process(arguments, log=place / "log", is_ready=lambda: _pings(port, SENTINEL_PASSWORD))


def _join(clients: Sequence[redis.Redis], buses: Mapping[int, int]) -> None:
    share = _SLOTS // len(clients) + 1
    for number, client in enumerate(clients):
        first = number * share
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, min(first + share, _SLOTS) - 1)
        client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for port, bus in buses.items():
        clients[0].execute_command("CLUSTER", "MEET", LOOPBACK, port, bus)


def _cluster_info(client: redis.Redis) -> bytes:
    found = client.execute_command("CLUSTER INFO")
    state = found.get("cluster_state") if isinstance(found, dict) else None
    return f"cluster_state:{state}".encode() if state else bytes(found)


def _knows_everybody(port: int) -> bool:
    with redis.Redis(port=port, password=SENTINEL_PASSWORD) as client:
        state = client.sentinel_master(SERVICE)
        return state["num-slaves"] == 1 and state["num-other-sentinels"] == 2


def _pings(port: int, password: str) -> bool:
    with redis.Redis(port=port, password=password) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def look_often(sentinels: Sequence[int]) -> None:
    """They take a master that is away for one. Before that they are patient: a busy machine would be a failover."""
    for port in sentinels:
        with redis.Redis(port=port, password=SENTINEL_PASSWORD) as client:
            client.sentinel_set(SERVICE, "down-after-milliseconds", 700)
