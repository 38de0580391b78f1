"""One request to a container endpoint, and its answer: HTTP/1.1 as far as AWS SDKs speak it, and not a byte more."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress
from typing import NamedTuple

LARGEST = 16 * 1024  # bytes of a request; an SDK's has a few hundred
SILENCE = 5.0  # seconds for the whole request
START = re.compile(r"([A-Z]{1,16}) (/[\x21-\x7e]{0,1000}) HTTP/1\.[01]", re.ASCII)
FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
REASONS = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


class Request(NamedTuple):
    """`fields` by their small names."""

    method: str
    target: str
    fields: dict[str, str]


class Answer(NamedTuple):
    status: int
    body: dict[str, object]

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    def as_bytes(self) -> bytes:
        body = json.dumps(self.body).encode()
        lines = [
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Refused')}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(["Allow: GET"] if self.status == 405 else []),
            "Cache-Control: no-store",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Refused(Exception):
    """`answer` is what the client reads."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.answer = Answer(status, {"code": code, "message": message})


def received(connection: socket.socket) -> bytes | None:
    """The head of a request, or None when it does not come whole, in time and in size."""
    end = time.monotonic() + SILENCE
    head = b""
    with suppress(OSError):
        while b"\r\n\r\n" not in head:
            connection.settimeout(max(end - time.monotonic(), 0.001))
            piece = connection.recv(4096)
            if not piece or len(head) > LARGEST:
                return None
            head += piece
        return head.partition(b"\r\n\r\n")[0]
    return None


def parsed(head: bytes) -> Request:
    """Each field once (RFC 9112 3.2, 5.1): of two tokens or two hosts nobody can say which one counts."""
    first, *rest = head.decode("latin-1").split("\r\n")
    start, fields = START.fullmatch(first), [FIELD.fullmatch(line) for line in rest]
    found = {one[1].lower(): one[2] for one in fields if one is not None}
    if start is None or len(found) != len(rest):
        raise Refused(400, "BadRequest", "this is not a request that an AWS SDK makes")
    return Request(start[1], start[2], found)
