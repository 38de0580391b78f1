"""`fedgate console`: opens the AWS console as a role.

What is opened is a link of the gateway, where the browser's own sign-in counts. AWS's sign-in address, which would
let in whoever reads it, never passes through the terminal.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from . import address, browser_places, console_services, output, profile_map, role_list
from .browser_places import Place
from .failures import UNEXPECTED, USAGE, Failure, printable
from .gateway import Gateway
from .role_list import Role


class Wish(NamedTuple):
    """What was typed. `destination` excludes `service` and `region`."""

    role: str
    service: str
    region: str
    destination: str
    browser: str
    place: Place
    only_url: bool
    as_json: bool


def run(gateway: Gateway, wish: Wish) -> int:
    if wish.destination and (wish.service or wish.region):
        raise Failure(USAGE, "--destination already says the service and the region", run="console --help")
    if wish.place.container and wish.place.profile:
        raise Failure(USAGE, "--container is for Firefox, --browser-profile for Chrome: not both", run="console --help")
    role = role_list.one_called(role_list.fetch(gateway), wish.role, gateway.gateway)
    page = page_for(role, wish)
    url = link(gateway, role, page)
    if wish.as_json:
        output.as_json({"url": url, "role_arn": role.arn, "destination": page})
    elif wish.only_url:
        output.data(url)
    else:
        show(url, role, wish)
    return 0


def link(gateway: Gateway, role: Role, page: str) -> str:
    try:
        url = gateway.console(role.arn, page).get("url")
    except Failure as failure:
        failure.run = "console --help" if failure.code == USAGE else failure.run
        raise
    if not isinstance(url, str) or address.origin(url) != gateway.gateway or not url.isprintable() or " " in url:
        raise Failure(UNEXPECTED, "the gateway answered with a link that is not its own")
    return url


def show(url: str, role: Role, wish: Wish) -> None:
    if browser_places.open_there(url, wish.place.named(role.profile or role.name), wish.browser):
        where = printable(f"{role.name} in {role.account_name or role.account_id}")
        output.tell(f"Your browser opens the AWS console as {where}.")
    else:
        output.tell("No browser found here; open this address yourself:")
        output.data(url)


def page_for(role: Role, wish: Wish) -> str:
    """Empty: the gateway opens the first page of the role's region."""
    if not wish.service and not wish.region:
        return wish.destination
    if wish.service and not console_services.is_known(wish.service):
        output.tell(printable(f"fedgate knows no service {wish.service}; trying the page of that name."))
    partition = role.arn.split(":")[1]
    region = wish.region or role.region or console_services.HOMES.get(partition, "")
    return console_services.address(partition, region, wish.service)


def usual_role() -> str:
    """The profile of AWS_PROFILE, if it is one of ours; exit code 2 when nothing says which role."""
    name = os.environ.get("AWS_PROFILE", "")
    if not name:
        raise Failure(USAGE, "say which role", run="console --help")
    if profile_map.find(name) is None:
        raise Failure(USAGE, f"say which role: {name}, which AWS_PROFILE names, is none of fedgate's", run="roles")
    return name


def services(as_json: bool) -> int:
    found = sorted(names for names in console_services.PAGES.values())
    if as_json:
        output.as_json({"services": [{"name": names[0], "aliases": list(names[1:])} for names in found]})
    else:
        output.data(output.table(("SERVICE", "ALSO"), [(names[0], " ".join(names[1:])) for names in found]))
    return 0
