"""`fedgate serve`: a container credentials endpoint for programs beside this one, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from .. import configuration, output, profile_map, sign_in
from ..failures import SIGN_IN, USAGE, Failure, printable
from . import container_server, role_choice, serve_token, shell_formats
from .child_environment import TOKEN, TOKEN_FILE, URI
from .container_server import Server
from .role_choice import Choice

ENDS = (signal.SIGTERM, signal.SIGHUP)


class Wish(NamedTuple):
    """What was typed. `every`: all profiles of the gateway."""

    roles: list[str]
    every: bool
    gateway: str
    ca_bundle: str
    port: int
    token_file: str
    as_json: bool


def run(wish: Wish) -> int:
    roles = {container_server.path_of(one): one for one in chosen(wish)}
    token = serve_token.wanted()
    with ExitStack() as stack:
        stack.enter_context(ending())
        if wish.token_file:
            stack.enter_context(serve_token.kept(wish.token_file, token))
        show(wish, container_server.start(roles, token, wish.port, Refusals().tell), token)
        threading.Event().wait()
    return 0


def chosen(wish: Wish) -> list[Choice]:
    """A role that is named is taken at once: a refusal is then said here, and the first request finds it ready."""
    if bool(wish.roles) == wish.every:
        raise Failure(USAGE, "name one or more roles, or say --all", run="serve --help")
    if wish.every:
        return profiles(wish)
    found = [role_choice.choose(name, wish.gateway, wish.ca_bundle) for name in wish.roles]
    for one in found:
        one.credentials(time.time())
    return found


def profiles(wish: Wish) -> list[Choice]:
    gateway = configuration.gateway(wish.gateway)
    if sign_in.load(gateway) is None:
        raise Failure(SIGN_IN, f"not signed in at {gateway}", run="login")
    names = [one.name for one in profile_map.load() if one.gateway == gateway]
    if not names:
        raise Failure(USAGE, f"no profiles of {gateway} on this machine", run="profiles sync")
    return [role_choice.choose(name, wish.gateway, wish.ca_bundle) for name in names]


@contextmanager
def ending() -> Iterator[None]:
    """Whatever ends us, the token's file goes."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDS if signal.getsignal(number) is signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(wish: Wish, server: Server, token: str) -> None:
    roles = [(one, server.address_of(one)) for one in server.roles.values()]
    if wish.as_json:
        where = {"token_file": os.path.abspath(wish.token_file)} if wish.token_file else {"token": token}
        listed = [{"profile": one.profile, "role_arn": one.selection.role, "uri": uri} for one, uri in roles]
        output.as_json({"port": server.server_address[1], **where, "roles": listed})
        return
    secret = (TOKEN_FILE, os.path.abspath(wish.token_file)) if wish.token_file else (TOKEN, token)
    output.data(exported(*secret))
    for place, (_, uri) in enumerate(roles):
        output.data(f"{'# or: ' if place else ''}{exported(URI, uri)}")
    output.tell("AWS tools that have these variables, and no profile, get credentials from here. Ctrl-C stops.")


def exported(name: str, value: str) -> str:
    return f"export {name}={shell_formats.posix(value)}"


class Refusals:
    """Says on the terminal what the gateway refuses, once until it changes: SDKs ask three times, and some hide why."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def tell(self, name: str, failure: Failure) -> None:
        sentence = failure.sentence + (f" (run: {output.program()} {failure.run})" if failure.run else "")
        if self.said.get(name) != sentence:
            self.said[name] = sentence
            output.tell(printable(f"{time.strftime('%H:%M')} {name}: {sentence}"))
