"""TLS before a server that speaks plain HTTP, as a load balancer ends it; with an authority of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from tests.forges.tls import write_certificate
from tests.servers.process import LOOPBACK

_SECONDS = 60.0


class _Front(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext, behind: int) -> None:
        self.context = context
        self.behind = behind
        super().__init__((LOOPBACK, 0), _Pair)

    def handle_error(self, *_: Any) -> None:
        """Whoever does not trust us hangs up; that is told where it happens."""


class _Pair(BaseRequestHandler):
    """One connection, and the one behind it."""

    server: _Front

    def handle(self) -> None:
        self.request.settimeout(_SECONDS)
        with (
            self.server.context.wrap_socket(self.request, server_side=True) as outer,
            socket.create_connection((LOOPBACK, self.server.behind), timeout=_SECONDS) as inner,
        ):
            answers = threading.Thread(target=_pour, args=(inner, outer), daemon=True)
            answers.start()
            _pour(outer, inner)
            answers.join(_SECONDS)


def _pour(source: socket.socket, into: socket.socket) -> None:
    """Until one of the two is closed; then nothing more comes for the other."""
    with suppress(OSError):
        while part := source.recv(65_536):
            into.sendall(part)
    with suppress(OSError):
        into.shutdown(socket.SHUT_WR)


@contextmanager
def tls_front(folder: Path, behind: int) -> Iterator[tuple[str, Path]]:
    """Its address and the file of its authority. What listens at the port `behind` may start later."""
    certificate, key = write_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _Front(context, behind) as front:
        threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"https://{LOOPBACK}:{front.server_address[1]}", certificate
        finally:
            front.shutdown()
