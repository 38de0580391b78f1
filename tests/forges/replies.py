"""How a forge answers over HTTP, and in which ways it may be broken."""

from __future__ import annotations

import contextlib
import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any


def fail(handler: BaseHTTPRequestHandler, how: str) -> None:
    match how:
        case "redirect":
            handler.send_response(302)
            handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        case "slow":
            time.sleep(4)
        case "drip":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for _ in range(30):
                    handler.wfile.write(b" ")
                    time.sleep(0.2)
        case "large":
            reply(handler, {"padding": "x" * (2 * 1024 * 1024)})
        case "rubbish":
            send(handler, b"\xff\xfe<html>", 200)
        case "busy":  # as Okta is, in words of its own
            reply(handler, {"errorCode": "E0000047", "errorSummary": "API call exceeded rate limit."}, 429)
        case status:
            reply(handler, {"error": "server_error"}, int(status))


def reply(handler: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
    send(handler, json.dumps(body).encode(), status)


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the gateway may have read enough
        handler.wfile.write(body)
