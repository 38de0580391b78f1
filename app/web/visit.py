"""This request: its reference, where it came from, and the session that the guard found for it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from flask import Flask, g, request

from app.core.networks import without_port
from app.errors import GatewayError
from app.issuance import Principal
from app.sessions import Seen, Session

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are read wrongly aloud


@dataclass(slots=True)
class Visit:
    """`reference` is what a person reads out and the log is searched for: 40 bits, such as `K7Q2-M9XA`."""

    reference: str
    started: float
    nonce: str
    session: Session | None = None
    admin: bool = False  # the session is of somebody whom gateway.toml names among its `admins`
    auditor: bool = False  # the same among its `auditors`, or an admin: may read what happened
    program: bool = False  # what asks is a program, whatever it says that it accepts
    refused: GatewayError | None = None  # what the answer says that went wrong
    form_targets: str = ""  # more sources for CSP form-action on this page


def install(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        letters = [secrets.choice(_LETTERS) for _ in range(8)]
        reference = f"{''.join(letters[:4])}-{''.join(letters[4:])}"
        g.visit = Visit(reference, time.monotonic(), secrets.token_urlsafe(16))


def visit() -> Visit:
    found = g.visit
    assert isinstance(found, Visit)
    return found


def address() -> str:
    """The client's network address; behind proxies only as far as `FEDGATE_TRUSTED_PROXIES` says."""
    return without_port(request.remote_addr or "")


def seen() -> Seen:
    """What this request shows of the browser that it comes from."""
    return Seen.of(request.headers.get("User-Agent", ""), address())


def session() -> Session:
    """The session of a view behind `signed_in` or `terminal`."""
    found = visit().session
    assert found is not None, "only behind a guard that needs a session"
    return found


def principal() -> Principal:
    return Principal(session(), address(), visit().reference)
