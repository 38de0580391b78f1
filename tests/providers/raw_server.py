"""A server that answers with exactly these bytes, at its own pace; and a proxy that notes what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.patience import NEVER


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Its host and port, and the beginnings of the requests that it got."""
    asked: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked.append(connection.recv(4096))
            answer(connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def drip(beginning: bytes, piece: bytes, seconds: float) -> Callable[[socket.socket], None]:
    """`piece` after `piece` until the other side has had enough, or for a few minutes."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(round(NEVER / seconds)):
            connection.sendall(piece)
            time.sleep(seconds)

    return answer


def at_once(octets: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(octets)
