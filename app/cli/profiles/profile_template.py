"""`--template '{account}.{role}'`: how the person wants profiles to be called.

Not `str.format`, whose fields can reach into objects. A field's text keeps only what every AWS tool takes in a name.
"""

from __future__ import annotations

import re

from ..failures import USAGE, Failure
from ..role_list import Role

FIELDS = ("account", "account_id", "role", "label", "partition", "region")
PART = re.compile(r"\{([^{}]*)\}")
AROUND = re.compile(r"[A-Za-z0-9._-]*")
OTHER = re.compile(r"[^A-Za-z0-9._-]+")


def check(template: str) -> None:
    """Exit code 2 for a field that does not exist, or text that cannot stand in a name."""
    fields = PART.findall(template)
    known = " ".join(f"{{{field}}}" for field in FIELDS)
    for field in fields:
        if field not in FIELDS:
            raise Failure(USAGE, f"--template: there is no field {{{field}}}; the fields are {known}")
    if not AROUND.fullmatch(PART.sub("", template)):
        raise Failure(USAGE, f"--template {template}: between the fields only letters, digits, dot, dash, underscore")
    if template and not fields:
        raise Failure(USAGE, f"--template {template}: needs a field, else all profiles have one name: {known}")


def filled(template: str, role: Role) -> str:
    """The profile's name; exit code 2 when a field of the template is empty for this role."""

    def value(match: re.Match[str]) -> str:
        found = of(role)[match[1]]
        if not found:
            raise Failure(USAGE, f"--template {template}: {{{match[1]}}} is empty for {role.arn}; use another field")
        return found

    return PART.sub(value, template)


def of(role: Role) -> dict[str, str]:
    return {
        "account": plain(role.account_name).lower(),
        "account_id": plain(role.account_id),
        "role": plain(role.name),
        "label": plain(role.label),
        "partition": plain(role.arn.split(":")[1]),
        "region": plain(role.region),
    }


def plain(text: str) -> str:
    """`Data Platform (EU)` becomes `Data-Platform-EU`, as in the names that the gateway proposes."""
    return OTHER.sub("-", text).strip("-.")
