"""Which role `credential-process` is asked for. Read by hand: `argparse` alone would cost more than all the rest."""

from __future__ import annotations

import os

from . import profile_map
from .failures import USAGE, Failure

OPTIONS = ("--profile", "--role-arn", "--account", "--role", "--gateway", "--ca-bundle", "--max-wait")
MAX_WAIT = 3.5  # seconds for a lock; then `deadline.SILENCE` leaves some for the gateway
HELP = "credential-process --help"
ARN_COLONS = 5  # arn:partition:service:region:account:resource


class Selection:
    """A role of a gateway, and how long to wait for a lock. `login` is the command that signs in there."""

    __slots__ = ("role", "gateway", "ca_bundle", "max_wait", "login")

    def __init__(self, role: str, gateway: str, ca_bundle: str, max_wait: float, login: str) -> None:
        self.role = role
        self.gateway = gateway
        self.ca_bundle = ca_bundle
        self.max_wait = max_wait
        self.login = login


def select(words: list[str]) -> Selection:
    given = options(words)
    role, gateway = role_of(given)
    wait = seconds(given.get("--max-wait", ""))
    elsewhere = "--gateway" in given
    login = f"login --gateway {gateway}" if elsewhere else "login"
    return Selection(role, gateway, ca_bundle(given), wait, login)


def options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name == "--" and not rest:
            break
        if name not in OPTIONS:
            raise Failure(USAGE, f"unknown argument {name}", run=HELP)
        if name in found:
            raise Failure(USAGE, f"{name} is given twice", run=HELP)
        if not equals and not rest:
            raise Failure(USAGE, f"{name} needs a value", run=HELP)
        found[name] = value if equals else rest.pop(0)
    return found


def role_of(given: dict[str, str]) -> tuple[str, str]:
    """The role's ARN and the gateway that gives it."""
    ways = [way for way in ("--profile", "--role-arn", "--account") if given.get(way)]
    if len(ways) != 1 or ("--account" in given) != ("--role" in given):
        raise Failure(USAGE, "name one of --profile, --role-arn, or --account with --role", run=HELP)
    if ways[0] == "--profile":
        return of_profile(given["--profile"], given.get("--gateway", ""))
    gateway = chosen_gateway(given.get("--gateway", ""))
    arn = given.get("--role-arn") or of_account(given["--account"], given["--role"], gateway)
    named = arn.startswith("arn:") and (":role/" in arn or ":user/" in arn)
    if not named or arn.count(":") < ARN_COLONS or not arn.isascii() or not arn.isprintable():
        raise Failure(USAGE, f"{arn} is not the ARN of a role", run="roles")
    return arn, gateway


def of_profile(name: str, asked: str) -> tuple[str, str]:
    known = profile_map.find(name)
    if known is None:
        raise Failure(USAGE, f"no profile {name} here", run="profiles sync")
    if asked and chosen_gateway(asked) != known.gateway:
        raise Failure(USAGE, f"profile {name} belongs to {known.gateway}", run="profiles sync")
    return known.role, known.gateway


def of_account(account: str, role: str, gateway: str) -> str:
    """The map knows the partition (`aws-cn`, `aws-us-gov`); without it the role is taken to be of `aws`."""
    end = f":{account}:role/{role}"
    ends = (end, f":{account}:user/{role}")
    known = (one.role for one in profile_map.load() if one.gateway == gateway and one.role.endswith(ends))
    return next(known, f"arn:aws:iam:{end}")


def chosen_gateway(asked: str) -> str:
    from . import configuration

    return configuration.gateway(asked)


def ca_bundle(given: dict[str, str]) -> str:
    """Taken now, because `AWS_CA_BUNDLE` is dropped from the environment in a moment."""
    return given.get("--ca-bundle", "") or os.environ.get("AWS_CA_BUNDLE", "")


def seconds(text: str) -> float:
    try:
        wait = float(text or MAX_WAIT)
    except ValueError:
        wait = -1.0
    if not 0 <= wait <= 600:
        raise Failure(USAGE, "--max-wait is a number of seconds from 0 to 600", run=HELP)
    return wait
