"""How gunicorn runs the gateway: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`; WEB_CONCURRENCY is the workers."""

import gc
import json
import os
import re
import socket
import tempfile
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

bind = "127.0.0.1:8080"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# Requests wait: for STS, for an identity provider, for another worker that asks AWS for the same credentials.
# Threads wait cheaply.
threads = 16

# Longer than the longest honest request (STS with its retries), shorter than people's patience.
timeout = 60
graceful_timeout = 30
keepalive = 5
_ARRIVAL = 15.0  # seconds

# The longest honest line is a console link with its destination; the longest header a cookie.
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# Each worker opens its own connections to Redis: sockets that were shared over a fork answer the wrong worker.
preload_app = False

# A heartbeat file on a disk that hangs would have healthy workers killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


class PathOnly(Logger):
    """Queries carry codes and states, referrers can carry both: neither is logged.

    The path is taken as it was sent, percent-encoded, and the line is ASCII JSON: gunicorn's own format decodes the
    path, and then `%0a` begins a log line of the visitor's own.
    """

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "kind": "request",
            "address": environ.get("REMOTE_ADDR", ""),
            "method": environ.get("REQUEST_METHOD", ""),
            "path": str(environ.get("RAW_URI", "")).partition("?")[0][:200],
            "status": int(str(resp.status).partition(" ")[0]),  # status_code is not there when gunicorn refuses
            "ms": round(request_time.total_seconds() * 1000),
        }
        self.access_log.info("%s", json.dumps(line))

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """gunicorn quotes what it cannot read: one broken character, and a whole Cookie header stood in the log."""
        if msg.startswith("Invalid request"):
            msg = re.sub(r"['\"].*", "[not shown]", msg, flags=re.DOTALL)
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """What escapes the application comes with the address, query included, and with a library's own words."""
        from app.ops.logging import redact  # only a worker has the application on its path

        shown = [str(arg).partition("?")[0] for arg in args]
        super().error(f"{msg}\n%s", *shown, redact(traceback.format_exc()))


class Punctual(ThreadWorker):
    """A request has to arrive within `_ARRIVAL`. gunicorn would wait for the rest of one for ever, with a thread, and a
    few dozen that send a byte now and then would keep everybody out. (A proxy that buffers is still the better wall.)

    Only the reading half is closed: a request that has arrived, and now waits for AWS, is answered all the same.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        self._begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._begun[conn]

    def murder_pending(self) -> None:
        """Called by the worker's loop every second, for connections that have sent nothing yet."""
        super().murder_pending()
        late = time.monotonic() - _ARRIVAL
        for conn in [conn for conn, begun in list(self._begun.items()) if begun < late]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)


# Where the workers count together (app/ops/metrics.py): prometheus-client maps a file there for each of them. Kept when
# this file is read again (SIGHUP): the counts of those who work are in it.
_COUNTS = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="fedgate-", dir=worker_tmp_dir))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_COUNTS)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker has counted still counts; what it was holding at that moment does not."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid, _COUNTS)


def post_worker_init(worker: Any) -> None:
    """A request of an administrator may read ten thousand rules and fifty thousand people into memory. Python's cycle
    collector looks after every 700 new objects, and took a third of such a request to find nothing. What is there at
    the start stays for good: it is not looked at again.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def on_exit(server: Any) -> None:
    with suppress(OSError):
        _forget_counts()
        _COUNTS.rmdir()


def _forget_counts() -> None:
    for path in _COUNTS.glob("*.db"):
        path.unlink()


def on_starting(server: Any) -> None:
    """Before there are workers: two that fail at once would say everything twice, and gunicorn trips over them."""
    _forget_counts()  # of a process that was killed, in a directory that somebody else has made
    if server.app.app_uri == "wsgi:app":  # another application is configured in another way
        from app.server import check_configuration

        check_configuration()


worker_class = Punctual
logger_class = PathOnly
accesslog = "-"
errorlog = "-"

# The address that people use is base_url, and FEDGATE_TRUSTED_PROXIES says whom to believe about the client's;
# gunicorn shall believe nobody: no header decides about the scheme.
secure_scheme_headers: dict[str, str] = {}

# Names with an underscore are dropped, as they could pass for others (`X_Forwarded_For`). Except one, in which AWS's
# tools bring their token. gunicorn lets it through only from peers that it trusts, so these are all: with no scheme
# header, and with this one name, there is nothing else that such a peer could say.
forwarded_allow_ips = "*"
forwarder_headers = "X-AMZ-SSO_BEARER_TOKEN"

# No second way in: gunicorn would otherwise open a control socket in the home directory.
control_socket_disable = True
