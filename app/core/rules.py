"""A rule: which people of which provider may take which roles.

Matching is exact and byte for byte, or by an anchored pattern; a group of one provider never matches a
rule of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.core.identity import Identity
from app.core.roles import Role, RoleArn


@dataclass(frozen=True, slots=True)
class GroupPattern:
    """`aws-(?P<account>\\d{12})-(?P<role>\\w+)`: must match a whole group name and name both parts.

    It gives the role of the catalog with that account and that name (without path), and no other.
    """

    text: str

    def __post_init__(self) -> None:
        try:
            names = re.compile(self.text, re.ASCII).groupindex
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if set(names) != {"account", "role"}:
            raise ValueError("expected exactly the named parts (?P<account>...) and (?P<role>...)")
        if len(self.text) > 200 or re.search(r"\)[*+{]", self.text):
            raise ValueError("expected at most 200 characters and no repeated group (it could take for ever to match)")

    def named_role(self, group: str) -> tuple[str, str] | None:
        """(account id, role name) that this group names, or None."""
        found = re.fullmatch(self.text, group, re.ASCII)
        return (found["account"], found["role"]) if found else None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    provider: str
    groups: frozenset[str] = frozenset()
    group_pattern: GroupPattern | None = None
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roles: frozenset[RoleArn] = frozenset()
    expires: datetime | None = None
    note: str = ""

    def why_not(self, identity: Identity, now: datetime) -> str:
        """Empty if the rule's conditions hold; otherwise the first that does not, for the "why?" page."""
        if identity.provider != self.provider:
            return f"is for people of the provider {self.provider}"
        if self.expires is not None and now >= self.expires:
            return f"expired on {self.expires:%Y-%m-%d %H:%M} UTC"
        if self.groups and not self.groups & identity.groups:
            return f"needs one of the groups {', '.join(sorted(self.groups))}"
        for name, accepted in sorted(self.attributes.items()):
            if not accepted & set(identity.attributes.get(name, ())):
                return f"needs the attribute {name} to be one of {', '.join(sorted(accepted))}"
        return ""

    def gives(self, identity: Identity, role: Role) -> str:
        """The group that gives this role to this person, `*` if the rule asks for none, or empty."""
        if self.group_pattern is not None:
            wanted = (role.arn.account, role.arn.name)
            return _first(g for g in sorted(identity.groups) if self.group_pattern.named_role(g) == wanted)
        if role.arn not in self.roles:
            return ""
        return _first(sorted(self.groups & identity.groups)) if self.groups else "*"


def _first(groups: Iterable[str]) -> str:
    return next(iter(groups), "")
