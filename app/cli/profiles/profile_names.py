"""What profiles are called. Two roles never share a name: the wrong one of two accounts is an accident in AWS."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..failures import USAGE, Failure
from ..profile_map import Profile
from ..role_list import Role
from . import profile_template
from .aws_lines import AWS_REGION, PROFILE

PREFIX = re.compile(r"[A-Za-z0-9._-]{0,64}")
MOST = 10  # collisions that are listed


class Named(NamedTuple):
    profile: str
    role: Role


def named(roles: list[Role], prefix: str, template: str = "") -> list[Named]:
    """Sorted by name; exit code 2 when a name cannot be used, or stands for two roles. Without a template the names
    are those that the gateway proposes."""
    found: dict[str, Role] = {}
    clashes: list[tuple[str, str, str]] = []
    for role in roles:
        name = checked(prefix + (profile_template.filled(template, role) if template else role.profile), role)
        if found.setdefault(name, role) is not role:
            clashes.append((name, found[name].arn, role.arn))
    if clashes:
        raise collision(clashes)
    return [Named(name, found[name]) for name in sorted(found)]


def checked(name: str, role: Role) -> str:
    if not role.arn.isascii() or not role.arn.isprintable() or " " in role.arn:
        raise Failure(USAGE, f"the ARN of {name} cannot be read")
    if len(name) > 128:
        raise Failure(USAGE, f"{name[:40]}... is too long for the name of a profile (for {role.arn}); at most 128")
    if not PROFILE.fullmatch(name) or name == "default":
        sentence = f"{name!r} cannot be the name of a profile (for {role.arn}); letters, digits, dot, dash, underscore"
        raise Failure(USAGE, f"{sentence}\nChoose other names with --template, for example '{{account_id}}.{{role}}'.")
    return name


def refuse_foreign(mine: list[Profile], others: list[Profile]) -> None:
    """Another gateway, or another file of profiles, may already use a name."""
    known = {one.name: one for one in others}
    taken = [(one, known[one.name]) for one in mine if one.name in known]
    if taken:
        raise collision([(one.name, one.role, f"{other.role} (of {other.gateway})") for one, other in taken])


def collision(clashes: list[tuple[str, str, str]]) -> Failure:
    listed = [f"two roles would both be called {name}\n  {one}\n  {other}" for name, one, other in clashes[:MOST]]
    more = [f"and {len(clashes) - MOST} more"] if len(clashes) > MOST else []
    end = "Nothing was written. Choose other names: --template '{account_id}.{role}', or another --prefix."
    return Failure(USAGE, "\n".join([*listed, *more, end]))


def region_of(role: Role) -> str:
    return role.region if AWS_REGION.fullmatch(role.region) else ""


def check_region(typed: str) -> None:
    if typed and not AWS_REGION.fullmatch(typed):
        raise Failure(USAGE, f"{typed} is not a region; expected something like eu-west-1")


def check_prefix(typed: str) -> None:
    if not PREFIX.fullmatch(typed):
        raise Failure(USAGE, f"--prefix {typed}: at most 64 letters, digits, dot, dash, underscore")
