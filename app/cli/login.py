"""`fedgate login`: the browser signs in at the gateway, and comes back to a listener on this machine.

    discover ► listen ► browser: /oauth/authorize ► /callback?code ► exchange with the PKCE verifier ► keep the tokens

The browser is told that it worked only after the tokens are kept, so that page and terminal never disagree.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import socket
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import browser, cached, configuration, oauth, output, sign_in
from .failures import SIGN_IN, Failure, printable
from .gateway import WAIT, Gateway
from .listener import Listener, code_of
from .sign_in import SignIn
from .wire import Wire


class Wish(NamedTuple):
    """What was typed. `timeout` is in seconds."""

    gateway: str
    ca_bundle: str
    force: bool
    open_browser: bool
    browser: str
    port: int
    timeout: float


def run(wish: Wish) -> int:
    gateway = Gateway(wish.gateway, wish.ca_bundle)
    if not wish.force and (already := who_is_signed_in(gateway)) is not None:
        output.tell(f"Already signed in as {name_of(already)} until {end_of(already)}.")
        return 0
    sign_in_by_browser(wish, gateway.wire)
    remember(wish)
    me = gateway.me()
    output.tell(f"Signed in as {name_of(me)} until {end_of(me)}.")
    output.tell(f"Next: {output.program()} roles, or {output.program()} profiles sync")
    return 0


def who_is_signed_in(gateway: Gateway) -> dict[str, Any] | None:
    try:
        return gateway.me()
    except Failure as failure:
        if failure.code == SIGN_IN:
            return None
        raise


def sign_in_by_browser(wish: Wish, wire: Wire) -> None:
    metadata = oauth.discover(wire)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)

    def finish(parameters: dict[str, str]) -> None:
        code = code_of(parameters, metadata.issuer, metadata.says_issuer)
        keep(metadata, oauth.exchange(wire, metadata, code, verifier, listener.address))

    listener = Listener(state, finish, wish.port)
    show(wish, authorize_url(metadata, state, verifier, listener.address), listener.port)
    listener.wait(wish.timeout)


def authorize_url(metadata: oauth.Metadata, state: str, verifier: str, back: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    fields = {
        "response_type": "code",
        "client_id": oauth.CLIENT,
        "redirect_uri": back,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "device_name": printable(socket.gethostname())[:64],
    }
    return f"{metadata.authorize}?{urlencode(fields)}"


def show(wish: Wish, url: str, port: int) -> None:
    opened = wish.open_browser and browser.open_address(url, wish.browser)
    output.tell("Your browser opens for the sign-in. If it does not, visit:" if opened else "To sign in, visit:")
    output.tell(f"\n  {url}\n")
    if os.environ.get("SSH_CONNECTION") and not opened:
        output.tell("The browser must reach this machine. Where the browser is, run:")
        output.tell(f"\n  ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}\n")
    output.tell(f"Waiting up to {wish.timeout / 60:g} min. Ctrl-C stops.")


def keep(metadata: oauth.Metadata, tokens: oauth.Tokens) -> None:
    """The new sign-in replaces the old one, and credentials that were fetched for the old one go."""
    new = SignIn(
        secrets.token_hex(16),
        metadata.issuer,
        metadata.token,
        metadata.revoke,
        tokens.access,
        tokens.access_expires,
        tokens.refresh,
        tokens.refresh_expires,
    )
    with sign_in.lock(new.gateway, WAIT):
        sign_in.save(new)
    cached.forget_all(new.gateway)


def remember(wish: Wish) -> None:
    """The first gateway that somebody signs in at becomes the usual one."""
    if not configuration.text("gateway"):
        configuration.change({"gateway": wish.gateway})


def name_of(me: dict[str, Any]) -> str:
    name, email = printable(str(me.get("name", ""))), printable(str(me.get("email", "")))
    return f"{name} <{email}>" if email and email != name else name


def end_of(me: dict[str, Any]) -> str:
    session = me.get("session")
    return output.until(session.get("expires_at") if isinstance(session, dict) else None, time.time())
