"""The commands of a sign-in: `login`, `logout`, `status`, `mfa`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import (
    browser_options,
    command,
    duration,
    gateway_of,
    json_option,
    minutes,
    one_role,
    port,
    role_argument,
)

if TYPE_CHECKING:
    from .arguments import Commands

LESS = "if less than this is left, such as 30m or 8h"


def login(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import login

        open_browser = not options.no_browser
        place = (gateway_of(options), options.ca_bundle or "")
        how = (options.force, open_browser, options.browser, options.port, options.timeout)
        return login.run(login.Wish(*place, *how, way(options), options.mfa, options.max_age, options.min_ttl))

    made = command(commands, "login", run)
    made.add_argument("--force", action="store_true", help="sign in again, even if you are signed in")
    made.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    browser_options(made)
    by_code = made.add_mutually_exclusive_group()
    code = "type a code into a browser elsewhere"
    by_code.add_argument("--device", "--use-device-code", dest="device", action="store_true", help=code)
    by_code.add_argument(
        "--no-device", action="store_true", help="in a browser that reaches this machine, also over SSH"
    )
    made.add_argument("--min-ttl", type=life, default=0.0, metavar="TIME", help=f"sign in anew, {LESS}")
    made.add_argument("--mfa", action="store_true", help="sign in anew, with a second factor")
    age = "sign in anew, unless your company has seen you within so many minutes"
    made.add_argument("--max-age", type=minutes, default=0, metavar="MINUTES", help=age)
    made.add_argument("--port", type=port, default=0, help="the port on 127.0.0.1 to which the browser comes back")
    made.add_argument(
        "--timeout", type=duration, default=300.0, metavar="TIME", help="wait so long for you, such as 90s (usual: 5m)"
    )


def way(options: Namespace) -> str:
    """Whoever says something about the browser or its way back wants one."""
    if options.device:
        return "device"
    return "browser" if options.no_device or options.no_browser or options.browser or options.port else ""


def life(text: str) -> float:
    """`90`, `90s`, `30m` or `8h`, as seconds."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    number = text[:-1] if unit else text
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 90s, 30m or 8h")
    return float(int(number) * (unit or 1))


def logout(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import logout

        return logout.run(gateway_of(options), options.ca_bundle or "")

    command(commands, "logout", run)


def status(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import status

        wanted = (options.check, options.json, options.min_ttl)
        return status.run(gateway_of(options), options.ca_bundle or "", *wanted)

    made = command(commands, "status", run, ("whoami",))
    made.add_argument("--check", action="store_true", help="print nothing: exit 0 if signed in, else 4")
    made.add_argument("--min-ttl", type=life, default=0.0, metavar="TIME", help=f"exit 4 also {LESS}")
    json_option(made)


def mfa(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import mfa

        return mfa.run(gateway_of(options), options.ca_bundle or "", one_role(options, "mfa"))

    made = command(commands, "mfa", run)
    role_argument(made)
