"""Connections to providers: to an address that was judged and to no other, and shut when their time is over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

from app.providers.addresses import NotAdmitted, resolve

SECONDS = 3.0  # for one connect and for one read
Pools = dict[str, type[HTTPConnectionPool]]


class Deadline:
    """For a whole exchange: name server, connect, TLS handshake, headers and body together.

    A timeout of a socket counts from one read to the next, and a server that sends one byte of a header every two
    seconds would hold a thread for days. So a clock shuts the connection itself, and whatever reads from it fails.
    """

    def __init__(self) -> None:
        self._ends = 0.0
        self._watched: list[socket.socket] = []

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """One exchange. What it brought counts only if `over` says no at its end: an answer that was cut off can look
        like one that is complete."""
        self._ends = time.monotonic() + seconds
        clock = threading.Timer(seconds, self._shut)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def over(self) -> bool:
        return time.monotonic() >= self._ends

    def left(self) -> float:
        return max(self._ends - time.monotonic(), 0.001)  # zero would mean "at once or never" to a socket

    def watch(self, connected: socket.socket) -> socket.socket:
        """A second handle on it, because TLS will take the first one away."""
        self._watched.append(connected.dup())
        return connected

    def forget(self) -> None:
        for handle in self._watched:
            handle.close()
        self._watched.clear()

    def _shut(self) -> None:
        for handle in list(self._watched):
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


def judged(allow_private_network: bool, deadline: Deadline) -> Pools:
    """The name is resolved once, and what is connected to is the address that was judged."""

    def connect(connection: HTTPConnection) -> socket.socket:
        port, failure = connection.port or 443, "no address"
        try:
            for address in resolve(connection.host, port, allow_private_network, deadline.left()):
                _check_scheme(connection, address)
                try:
                    return deadline.watch(create_connection((address, port), min(SECONDS, deadline.left())))
                except OSError as unreached:
                    failure = type(unreached).__name__
        except (OSError, NotAdmitted) as unresolved:
            failure = type(unresolved).__name__
        raise NewConnectionError(connection, failure)

    return _pools(connect)


def through_a_proxy(deadline: Deadline) -> Pools:
    """To the operator's own proxy, which is then the one that resolves names and decides where to connect."""

    def connect(connection: HTTPConnection) -> socket.socket:
        try:
            address = (connection.host.strip("[]"), connection.port)
            return deadline.watch(create_connection(address, min(SECONDS, deadline.left())))
        except OSError as unreached:
            raise NewConnectionError(connection, type(unreached).__name__) from unreached

    return _pools(connect)


def _check_scheme(connection: HTTPConnection, address: str) -> None:
    """Plain http is for this machine: `localhost` that turns out to be elsewhere is not."""
    if not isinstance(connection, HTTPSConnection) and not ip_address(address.partition("%")[0]).is_loopback:
        raise NotAdmitted("plain http to another machine")


def _pools(connect: Callable[[HTTPConnection], socket.socket]) -> Pools:
    class OurHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class OurHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = OurHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = OurHTTPS

    return {"http": HTTPPool, "https": HTTPSPool}
