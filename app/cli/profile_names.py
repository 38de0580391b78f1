"""What profiles are called. Two roles never share a name: the wrong one of two accounts is an accident in AWS."""

from __future__ import annotations

import re
from typing import NamedTuple

from .failures import USAGE, Failure
from .profile_map import Profile
from .role_list import Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")  # what every AWS SDK reads: no space, no slash
REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d{1,2}")


class Named(NamedTuple):
    profile: str
    role: Role


def named(roles: list[Role], prefix: str) -> list[Named]:
    """Sorted by name; exit code 2 when a name cannot be used, or stands for two roles."""
    found: dict[str, Role] = {}
    for role in roles:
        name = checked(prefix + role.profile, role)
        if name in found:
            raise collision(name, found[name].arn, role.arn)
        found[name] = role
    return [Named(name, found[name]) for name in sorted(found)]


def checked(name: str, role: Role) -> str:
    if not NAME.fullmatch(name) or name == "default":
        sentence = f"{name!r} cannot be the name of a profile (for {role.arn}); letters, digits, dot, dash, underscore"
        raise Failure(USAGE, sentence)
    if not role.arn.isascii() or not role.arn.isprintable():
        raise Failure(USAGE, f"the ARN of {name} cannot be read")
    return name


def refuse_foreign(mine: list[Profile], others: list[Profile]) -> None:
    """Another gateway may already use a name."""
    known = {one.name: one for one in others}
    for one in mine:
        if one.name in known:
            raise collision(one.name, one.role, f"{known[one.name].role} (of {known[one.name].gateway})")


def collision(name: str, one: str, other: str) -> Failure:
    return Failure(
        USAGE,
        f"two roles would both be called {name}; nothing was written\n  {one}\n  {other}\n"
        "Choose another --prefix, or ask the gateway's administrators for other account names.",
    )


def region_of(role: Role) -> str:
    return role.region if REGION.fullmatch(role.region) else ""


def check_region(typed: str) -> None:
    if typed and not REGION.fullmatch(typed):
        raise Failure(USAGE, f"{typed} is not a region; expected something like eu-west-1")
