"""Which roles look as if they could do almost anything, so that nobody gives one out in passing.

A guess by what the catalog says; what AWS attached to the role is not asked here. So it is always said why it is
thought so.
"""

from __future__ import annotations

import re

from app.core.roles import Role

_NAMES = re.compile(r"admin|power-?_?user|super-?_?user|full-?_?access|(?<![a-z])root(?![a-z])|break-?_?glass", re.I)
_POLICIES = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")


def why_powerful(role: Role) -> str:
    """The end of a sentence that begins with "It looks powerful:"; empty if it does not."""
    if role.sensitive:
        return "it is marked sensitive"
    named = _NAMES.search(role.arn.name) or _NAMES.search(role.label)
    if named:
        return f"“{named[0]}” is part of its name"
    held = [arn.rpartition("/")[2] for arn in role.policy_arns]
    found = next((name for name in held if name in _POLICIES), "")
    return f"its session policy is {found}" if found else ""
