"""`fedgate login`: the browser signs in at the gateway, and comes back to a listener on this machine.

    discover ► listen ► browser: /oauth/authorize ► /callback?code ► exchange with the PKCE verifier ► keep the tokens

The browser is told that it worked only after the tokens are kept, so that page and terminal never disagree. By a
code (`device`) the browser may be anywhere: when it was asked for, and where a browser on this machine would be of no
use to the person, at the other end of an SSH connection without a display.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import browser, cached, configuration, device, oauth, output, sign_in
from .failures import SIGN_IN, Failure, printable
from .gateway import WAIT, Gateway
from .listener import Listener, code_of
from .sign_in import SignIn
from .wire import Wire


class Wish(NamedTuple):
    """What was typed. `timeout` and `min_ttl` are in seconds, `max_age` in minutes; 0 is any age. `way` is `browser`,
    `device`, or empty where nothing that was typed says which."""

    gateway: str
    ca_bundle: str
    force: bool
    open_browser: bool
    browser: str
    port: int
    timeout: float
    way: str = ""
    mfa: bool = False
    max_age: int = 0
    min_ttl: float = 0.0

    def asked(self) -> dict[str, str]:
        """How the person must have signed in (RFC 9470 section 4): the gateway leads them to it."""
        found = {"acr_values": "mfa"} if self.mfa else {}
        return {**found, "max_age": str(self.max_age * 60)} if self.max_age else found


def run(wish: Wish) -> int:
    gateway = Gateway(wish.gateway, wish.ca_bundle)
    anew = wish.force or wish.asked()
    if not anew and (already := who_is_signed_in(gateway)) is not None:
        if seconds_left(already) >= wish.min_ttl:
            output.tell(f"Already signed in as {name_of(already)} until {end_of(already)}.")
            return 0
        output.tell(f"Signed in as {name_of(already)} until {end_of(already)} only; signing in anew.")
    metadata = oauth.discover(gateway.wire)
    by = sign_in_by_code if goes_by_code(wish, metadata) else sign_in_by_browser
    replaced = by(wish, gateway.wire, metadata)
    remember(wish)
    if replaced is not None:
        end(gateway.wire, replaced)
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


def goes_by_code(wish: Wish, metadata: oauth.Metadata) -> bool:
    way = wish.way or configuration.way_to_sign_in()
    if way != "auto":
        return way == "device"
    # Some remote editors set BROWSER to a program that opens the browser at the other end.
    sees_a_browser = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    remote = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    by_code = bool(metadata.device) and remote and not sees_a_browser
    if by_code:
        output.tell(
            f"Over SSH without a display, the sign-in goes by a code. (Not so: {output.program()} login --no-device)"
        )
    return by_code


def sign_in_by_browser(wish: Wish, wire: Wire, metadata: oauth.Metadata) -> SignIn | None:
    """The sign-in that was replaced, if there was one."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    replaced: list[SignIn | None] = []

    def finish(parameters: dict[str, str]) -> None:
        code = code_of(parameters, metadata.issuer, metadata.says_issuer)
        replaced.append(keep(metadata, oauth.exchange(wire, metadata, code, verifier, listener.address)))

    listener = Listener(state, finish, wish.port)
    fields = {"response_type": "code", "redirect_uri": listener.address, "state": state}
    url = f"{metadata.authorize}?{urlencode({**fields, **oauth.about_us(verifier), **wish.asked()})}"
    show(wish, url, listener.port, offers_device=bool(metadata.device))
    listener.wait(wish.timeout)
    return replaced[0]


def sign_in_by_code(wish: Wish, wire: Wire, metadata: oauth.Metadata) -> SignIn | None:
    return keep(metadata, device.tokens(wire, metadata, wish.asked(), wish.timeout))


def show(wish: Wish, url: str, port: int, *, offers_device: bool) -> None:
    opened = wish.open_browser and browser.open_address(url, wish.browser)
    output.tell("Your browser opens for the sign-in. If it does not, visit:" if opened else "To sign in, visit:")
    output.tell(f"\n  {url}\n")
    if os.environ.get("SSH_CONNECTION") and not opened:
        output.tell("The browser must reach this machine. Where the browser is, run:")
        output.tell(f"\n  ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}\n")
    if offers_device and not opened:
        output.tell(f"Where no browser can reach this machine: {output.program()} login --device\n")
    output.tell(f"Waiting up to {output.length(wish.timeout)}. Ctrl-C stops.")


def keep(metadata: oauth.Metadata, tokens: oauth.Tokens) -> SignIn | None:
    """The new sign-in replaces the old one, which is returned; credentials that were fetched for the old one go."""
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
        old = sign_in.load(new.gateway)
        sign_in.save(new)
    cached.forget_all(new.gateway)
    return old


def end(wire: Wire, replaced: SignIn) -> None:
    """At the gateway too: nobody here has its tokens any more, so whoever uses them is somebody else. Should that not
    work, it ends by its age; the new sign-in has worked all the same."""
    with suppress(Failure):
        oauth.revoke(wire, replaced.revocation_endpoint, replaced.refresh_token)


def remember(wish: Wish) -> None:
    """The first gateway that somebody signs in at becomes the usual one."""
    if not configuration.text("gateway"):
        configuration.change({"gateway": wish.gateway})


def seconds_left(me: dict[str, Any]) -> float:
    """Of the sign-in; none when the gateway does not say."""
    session = me.get("session")
    ends = output.moment(session.get("expires_at")) if isinstance(session, dict) else None
    return ends.timestamp() - time.time() if ends else 0.0


def name_of(me: dict[str, Any]) -> str:
    name, email = printable(str(me.get("name", ""))), printable(str(me.get("email", "")))
    return f"{name} <{email}>" if email and email != name else name


def end_of(me: dict[str, Any]) -> str:
    session = me.get("session")
    return output.until(session.get("expires_at") if isinstance(session, dict) else None, time.time())
