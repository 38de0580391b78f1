"""`fedgate console`: opens the AWS console as a role.

What is opened is a link of the gateway, where the browser's own sign-in counts. AWS's sign-in address, which would
let in whoever reads it, never passes through the terminal.
"""

from __future__ import annotations

from . import address, browser, output, role_list
from .failures import UNEXPECTED, Failure
from .gateway import Gateway


def run(gateway: Gateway, called: str, destination: str, command: str, only_url: bool, as_json: bool) -> int:
    role = role_list.one_called(role_list.fetch(gateway), called, gateway.gateway)
    url = gateway.console(role.arn, destination).get("url")
    if not isinstance(url, str) or address.origin(url) != gateway.gateway or not url.isprintable() or " " in url:
        raise Failure(UNEXPECTED, "the gateway answered with a link that is not its own")
    if as_json:
        output.as_json({"url": url})
    elif only_url:
        output.data(url)
    elif browser.open_address(url, command):
        output.tell(f"Your browser opens the AWS console as {role.name} in {role.account_name or role.account_id}.")
    else:
        output.tell("No browser found here; open this address yourself:")
        output.data(url)
    return 0
