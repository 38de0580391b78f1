"""The provider as an object that starts and stops, always on 127.0.0.1.

with LocalIdp(registration) as idp:
    requests.get(idp.addresses.saml_entity_id)
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from app.local.idp import application
from app.local.idp.registration import Addresses, Registration

LOOPBACK = "127.0.0.1"
STOP_LATENCY = 0.05  # seconds; tests stop many of these
LOG = logging.getLogger("app.local.idp")


def now() -> datetime:
    return datetime.now(UTC)


class _Handler(WSGIRequestHandler):
    """Logs path and status only: queries here carry states, nonces and SAML messages."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        LOG.info("%s %s %s", self.command, urlsplit(self.path).path, code)


class LocalIdp:
    """A running provider. The port is taken at construction, so that its addresses are known before it answers.

    `port` 0 takes a free one. `state_dir` keeps the signing keys; None makes new ones. Raises OSError when the
    port is in use.
    """

    def __init__(
        self,
        registration: Registration,
        *,
        port: int = 0,
        base_url: str = "",
        state_dir: Path | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, port))
        self.port: int = self._socket.getsockname()[1]
        self.addresses = Addresses(base_url or f"http://{LOOPBACK}:{self.port}")
        app = application.create(registration, self.addresses, state_dir, clock)
        self._socket.listen(128)
        self._server = make_server(
            LOOPBACK, self.port, app, threaded=True, request_handler=_Handler, fd=self._socket.fileno()
        )
        self._thread = threading.Thread(target=self.serve, name="local-idp", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer in this thread until it is interrupted or stopped."""
        self._server.serve_forever(poll_interval=STOP_LATENCY)

    def stop(self) -> None:
        """Safe to call twice, and on one that was never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
