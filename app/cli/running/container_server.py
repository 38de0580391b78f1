"""A container credentials endpoint on 127.0.0.1, for programs that know no other way to keys that renew themselves.

    GET /role/<profile>   Authorization: <token>   ► {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", ...}

Everybody on this machine can connect, and every page in a browser can send requests. So nothing is said without the
token; the Host must name this machine, because a page's own host name may be made to point at it (DNS rebinding);
sizes, times and the number of connections are bounded. Which port the Host names does not matter: `ssh -R` changes it.

AWS SDKs and Tools Reference Guide, "Container credential provider". SDKs wait two seconds, and ask three times.
"""

from __future__ import annotations

import hmac
import json
import re
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

from ..failures import AWS, BUSY, DENIED, SIGN_IN, UNREACHABLE, USAGE, Failure
from .container_request import SILENCE, Answer, Refused, Request, parsed, received
from .role_choice import Choice

MOST = 64  # connections at once
HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)
STATUS = {SIGN_IN: 401, DENIED: 403, UNREACHABLE: 503, BUSY: 503, AWS: 502}
NAMES = {SIGN_IN: "SignInRequired", DENIED: "AccessDenied", BUSY: "Busy", UNREACHABLE: "Unavailable", AWS: "AWSRefused"}
Told = Callable[[str, Failure], None]


def path_of(choice: Choice) -> str:
    """By the profile; without one by account and name, of which an account has no two."""
    account, _, name = choice.selection.role.split(":", 4)[4].partition(":")
    return f"/role/{choice.profile or account + '/' + name.rpartition('/')[2]}"


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """`roles` by their paths. `told` hears of what the gateway refuses."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST
    allow_reuse_address = True

    def __init__(self, roles: Mapping[str, Choice], token: str, port: int, told: Told) -> None:
        self.roles = roles
        self.token = token.encode("ascii")
        self.told = told
        self.room = threading.BoundedSemaphore(MOST)
        super().__init__(("127.0.0.1", port), Handler)

    def address_of(self, choice: Choice) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{quote(path_of(choice), safe='/+=,@')}"

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.room.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.settimeout(1)
            request.sendall(Refused(503, "Busy", "too many connections at once; try again").answer.as_bytes())
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.release()

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news for the terminal."""

    def answer(self, request: Request) -> Answer:
        if not HOST.fullmatch(request.fields.get("host", "")):
            raise Refused(403, "Forbidden", "this endpoint answers to 127.0.0.1 and localhost only")
        if not hmac.compare_digest(request.fields.get("authorization", "").encode("latin-1"), self.token):
            raise Refused(401, "Unauthorized", "AWS_CONTAINER_AUTHORIZATION_TOKEN is not that of this fedgate serve")
        if request.method != "GET":
            raise Refused(405, "MethodNotAllowed", "only GET")
        choice = self.roles.get(unquote(request.target))
        if choice is None:
            raise Refused(404, "NotFound", f"served here: {', '.join(sorted(self.roles))}")
        return self.credentials(choice)

    def credentials(self, choice: Choice) -> Answer:
        try:
            found = json.loads(choice.credentials(time.time()).line)
        except Failure as failure:
            self.told(choice.name, failure)
            return refusal(failure)
        same = {name: found[name] for name in ("AccessKeyId", "SecretAccessKey", "Expiration", "AccountId")}
        return Answer(200, {**same, "Token": found["SessionToken"], "RoleArn": choice.selection.role})


def refusal(failure: Failure) -> Answer:
    """botocore shows the body as it is, Go and Java its `message`."""
    end = f"; run: fedgate {failure.run}" if failure.run else ""
    message = f"{' '.join(failure.sentence.split()).rstrip('.')}{end}"
    name = NAMES.get(failure.code, "InternalError")
    return Answer(STATUS.get(failure.code, 500), {"code": name, "message": message})


class Handler(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        head = received(self.request)
        if head is None:
            return
        try:
            answer = self.server.answer(parsed(head))
        except Refused as refused:
            answer = refused.answer
        except Exception:
            answer = Refused(500, "InternalError", "fedgate serve met an unexpected problem").answer
        self.request.settimeout(SILENCE)
        self.request.sendall(answer.as_bytes())


def silent(_: str, __: Failure) -> None:
    """Where the terminal belongs to somebody else."""


def start(roles: Mapping[str, Choice], token: str, port: int = 0, told: Told = silent) -> Server:
    """Answers from now on until this process ends; nothing waits for it then."""
    try:
        server = Server(roles, token, port, told)
    except OSError as problem:
        raise Failure(
            USAGE, f"port {port} on 127.0.0.1: {(problem.strerror or 'no').lower()}", run="serve --help"
        ) from None
    # Signals are for the main thread: a handler runs there only, and it may be asleep in `waitpid`.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    threading.Thread(target=server.serve_forever, args=(60.0,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return server
