"""The commands of a sign-in: `login`, `logout`, `status`, `mfa`."""

from __future__ import annotations

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


def login(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import login

        open_browser = not options.no_browser
        place = (gateway_of(options), options.ca_bundle or "")
        way = (options.force, open_browser, options.browser, options.port, options.timeout)
        return login.run(login.Wish(*place, *way, options.device, options.mfa, options.max_age))

    made = command(commands, "login", run)
    made.add_argument("--force", action="store_true", help="sign in again, even if you are signed in")
    made.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    browser_options(made)
    made.add_argument("--device", action="store_true", help="type a code into a browser elsewhere")
    made.add_argument("--mfa", action="store_true", help="sign in anew, with a second factor")
    age = "sign in anew, unless your company has seen you within so many minutes"
    made.add_argument("--max-age", type=minutes, default=0, metavar="MINUTES", help=age)
    made.add_argument("--port", type=port, default=0, help="the port on 127.0.0.1 to which the browser comes back")
    made.add_argument("--timeout", type=duration, default=300.0, metavar="TIME", help="such as 90, 90s or 5m (default)")


def logout(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import logout

        return logout.run(gateway_of(options), options.ca_bundle or "")

    command(commands, "logout", run)


def status(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import status

        return status.run(gateway_of(options), options.ca_bundle or "", options.check, options.json)

    made = command(commands, "status", run, ("whoami",))
    made.add_argument("--check", action="store_true", help="print nothing: exit 0 if signed in, else 4")
    json_option(made)


def mfa(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import mfa

        return mfa.run(gateway_of(options), options.ca_bundle or "", one_role(options, "mfa"))

    made = command(commands, "mfa", run)
    role_argument(made)
