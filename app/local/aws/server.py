"""The local AWS as an object: built here, started and stopped here, always on loopback."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.local.aws.calls import CallLog
from app.local.aws.cognito.counter import CognitoCounter
from app.local.aws.console.counter import ConsoleCounter
from app.local.aws.console.federation import Federation
from app.local.aws.console.pages import Pages, templates
from app.local.aws.console.tickets import Tickets
from app.local.aws.desk import Desk
from app.local.aws.founding import DEFAULT_ACCOUNTS, FirstKey, found, new_keys
from app.local.aws.front import Front
from app.local.aws.keeping import load, saver
from app.local.aws.knobs import Panel
from app.local.aws.levers import Levers
from app.local.aws.outages import Outages
from app.local.aws.outside import Outside
from app.local.aws.query import QueryCounter
from app.local.aws.s3.counter import BucketCounter
from app.local.aws.world import World

HOST = "127.0.0.1"


def wall_clock() -> datetime:
    return datetime.now(UTC)


class _Quiet(WSGIRequestHandler):
    """No access log: request lines hold presigned signatures, sign-in tokens and, for GET, credentials."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        return


@dataclass(slots=True)
class LocalAws:
    """`resolve` maps https origins to loopback origins (`outside.py`). `port` 0 takes a free one.

    After `start()`: `url`, `regional(region)`, `operator(account_id)` (credentials for boto3), `calls`,
    `turn(knob=value)`.
    """

    resolve: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[FirstKey] = ()
    port: int = 0
    state: Path | None = None
    base_url: str = ""
    clock: Callable[[], datetime] = wall_clock
    random_bytes: Callable[[int], bytes] = os.urandom
    calls: CallLog = field(default_factory=CallLog)
    desk: Desk = field(init=False)
    app: Front = field(init=False)
    _server: BaseWSGIServer | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        world = load(self.state) if self.state is not None and self.state.exists() else World()
        save = saver(world, self.state)
        self.desk = Desk(world, Panel(), self.clock, self.random_bytes, Outside(dict(self.resolve)), save)
        self.keys = tuple(self.keys) or new_keys(DEFAULT_ACCOUNTS, self.desk.key_id, self.desk.secret)
        found(world, self.keys, self.desk.unique_id, self.clock())
        self.app = self._front()

    def _front(self) -> Front:
        tickets = Tickets(lambda: base64.urlsafe_b64encode(self.random_bytes(240)).decode())
        console = ConsoleCounter(
            self.desk, self.calls, Federation(self.desk.world, tickets), Pages(self.desk, templates())
        )
        levers = Levers(self.desk, self.calls)
        return Front(
            QueryCounter(self.desk, self.calls),
            CognitoCounter(self.desk, self.calls),
            BucketCounter(self.desk, self.calls),
            console,
            levers,
            Outages(self.desk.panel),
        )

    def start(self) -> LocalAws:
        self._server = make_server(HOST, self.port, self.app, threaded=True, request_handler=_Quiet)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="local-aws", daemon=True).start()
        return self

    def serve(self) -> None:
        """Until interrupted."""
        self._server = make_server(HOST, self.port, self.app, threaded=True, request_handler=_Quiet)
        self._server.serve_forever()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> LocalAws:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return self.base_url or f"http://{HOST}:{self.port}"

    def regional(self, region: str) -> str:
        """The endpoint of one region, for `endpoint_url`."""
        return f"{self.url}/_region/{region}"

    def operator(self, account_id: str) -> dict[str, str]:
        """Arguments for `boto3.client`: the key of the account's operator."""
        key = next(key for key in self.keys if key.account.id == account_id)
        return {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret_access_key}

    def turn(self, **knobs: object) -> None:
        self.desk.panel.turn(knobs)
