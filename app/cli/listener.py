"""The address on this machine to which the browser comes back (RFC 8252 section 7.3): 127.0.0.1, one port, one path.

Anything on this machine, and any page in any browser, can send requests here. So only a request for the exact path,
addressed to this very host and port, with our `state`, is an answer; everything else is turned away and the wait goes
on. The first answer is the last: the listener then closes.
"""

from __future__ import annotations

import errno
import hmac
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import pages
from .failures import DENIED, SIGN_IN, UNEXPECTED, UNREACHABLE, USAGE, Failure, printable

PATH = "/callback"
SILENCE = 10  # seconds after which a connection that says nothing (browsers open some in advance) is closed
Finish = Callable[[dict[str, str]], None]


class Listener:
    """Waits for the browser's answer and passes its parameters to `finish`, whose outcome the browser then shows."""

    def __init__(self, state: str, finish: Finish, port: int = 0) -> None:
        self.state = state
        self.finish = finish
        self.done = threading.Event()
        self.failure: BaseException | None = None
        self.once = threading.Lock()
        try:
            self.server = Server(port, self)
        except OSError as problem:
            why = "is in use" if problem.errno == errno.EADDRINUSE else f"cannot be opened ({problem.strerror})"
            raise Failure(USAGE, f"port {port} on 127.0.0.1 {why}", run="login --port 0") from None

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def wait(self, seconds: float) -> None:
        """Returns when `finish` has succeeded; raises what it raised, or exit code 4 when nobody came."""
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            if not self.done.wait(seconds):
                raise Failure(SIGN_IN, f"nobody signed in within {seconds:g} s", run="login")
        finally:
            self.server.shutdown()
            self.server.server_close()
        if self.failure is not None:
            raise self.failure

    def answer(self, parameters: dict[str, str]) -> tuple[int, str]:
        """Status and page for one answer that carries our state."""
        if not self.once.acquire(blocking=False):
            return 400, pages.USED
        try:
            self.finish(parameters)
        except Failure as failure:
            self.failure = failure
        except Exception as problem:
            self.failure = problem
        return (200, pages.DONE) if self.failure is None else (400, pages.FAILED)

    def is_ours(self, parameters: dict[str, str]) -> bool:
        return hmac.compare_digest(parameters.get("state", "").encode(), self.state.encode())


class Server(ThreadingHTTPServer):
    """Threads, because browsers open connections in advance and leave them silent; one would block the real answer."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_port = False  # newer Pythons set it, and then another program could listen beside us

    def __init__(self, port: int, listener: Listener) -> None:
        self.listener = listener
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Without the look-up of the host's name in DNS, which can take seconds and of which nothing is needed."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, *_: Any) -> None:
        """A browser that hangs up is no news for the terminal."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = SILENCE
    server_version, sys_version = "fedgate", ""

    def do_GET(self) -> None:
        listener = self.server.listener
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        if path != PATH or self.headers.get("Host") != f"127.0.0.1:{listener.port}":
            self.show(404, pages.NOTHING)
            return
        parameters = single(query)
        if parameters is None or not listener.is_ours(parameters):
            self.show(400, pages.FOREIGN)
            return
        status, page = listener.answer(parameters)
        try:
            self.show(status, page)
        finally:
            listener.done.set()

    def show(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in pages.HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """The request line holds the code."""


def single(query: str) -> dict[str, str] | None:
    """Each parameter at most once (RFC 6749 3.1); None otherwise."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def code_of(parameters: dict[str, str], issuer: str, says_issuer: bool) -> str:
    """The code, after the checks of RFC 9207: an answer of another server must not be redeemed at this one."""
    claimed = parameters.get("iss")
    if (says_issuer or claimed is not None) and claimed != issuer:
        raise Failure(UNEXPECTED, "the browser came back from another server than the gateway", run="login")
    if "error" in parameters:
        raise refused(parameters["error"])
    if not parameters.get("code"):
        raise Failure(UNEXPECTED, "the browser came back without a code", run="login")
    return parameters["code"]


def refused(error: str) -> Failure:
    """RFC 6749 4.1.2.1. The description is left out: anybody who knows the state could have written it."""
    if error == "access_denied":
        return Failure(DENIED, "the sign-in was declined", run="login")
    if error in ("server_error", "temporarily_unavailable"):
        return Failure(UNREACHABLE, "the gateway could not finish the sign-in; try again", run="login")
    return Failure(UNEXPECTED, f"the gateway refused the sign-in ({printable(error)[:60]})", run="login")
