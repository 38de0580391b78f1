"""The commands about roles: `roles`, `credential-process`, `console`."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from .arguments import browser_options, command, gateway_of, json_option, one_role, role_argument
from .failures import USAGE, Failure

if TYPE_CHECKING:
    from .arguments import Commands


def roles(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import roles

        return roles.run(gateway_of(options), options.ca_bundle or "", options.filter, options.json)

    made = command(commands, "roles", run, ("ls",))
    made.add_argument("filter", nargs="*", metavar="FILTER", help="only roles that contain all these words")
    json_option(made)


def process(commands: Commands) -> None:
    """For its help only; `__main__` takes the short way when it is meant to run."""

    def run(options: Namespace) -> int:
        raise Failure(USAGE, "write --help alone", run="credential-process --help")

    made = command(commands, "credential-process", run, ("process", "credential_process"))
    made.add_argument("--profile", metavar="NAME", help="a profile that `profiles sync` has written")
    made.add_argument("--role-arn", metavar="ARN", help="or a role by its ARN")
    made.add_argument("--account", metavar="ID", help="or a role by its account ...")
    made.add_argument("--role", metavar="NAME", help="... and its name, with its path if it has one")
    made.add_argument("--max-wait", metavar="SECONDS", help="how long to wait for another fedgate (default: 3.5)")


def console(commands: Commands) -> None:
    def run(options: Namespace) -> int:
        from . import console
        from .browser_places import Place
        from .gateway import Gateway

        if options.services:
            return console.services(options.json)
        place = Place(options.container, options.container_extension, options.browser_profile)
        role = one_role(options, "console") if options.role or options.profile else console.usual_role()
        page = (options.service, options.region, options.destination)
        wish = console.Wish(role, *page, options.browser, place, options.url, options.json)
        return console.run(Gateway(gateway_of(options), options.ca_bundle or ""), wish)

    made = command(commands, "console", run)
    role_argument(made)
    made.add_argument("-s", "--service", metavar="SERVICE", default="", help="open this service, such as s3 or ec2")
    made.add_argument("-r", "--region", metavar="REGION", default="", help="in this region, not the role's own")
    made.add_argument("--destination", metavar="URL", default="", help="the page of the console to open")
    made.add_argument("-u", "--url", action="store_true", help="print the address instead of opening it")
    browser_options(made)
    made.add_argument("--container", metavar="NAME", default="", help="in this container of Firefox; auto: the role's")
    kinds = ("granted", "open-url")
    extension = "the Firefox extension that opens containers (default: granted)"
    made.add_argument("--container-extension", choices=kinds, default="granted", help=extension)
    profile = "in this profile of Chrome or one like it; auto: the role's"
    made.add_argument("--browser-profile", metavar="NAME", default="", help=profile)
    made.add_argument("--services", action="store_true", help="list the names of services, and do nothing else")
    json_option(made)
