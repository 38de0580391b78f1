"""A rule: which people of which provider may take which roles.

Matching is exact and byte for byte, or by an anchored pattern; a group of one provider never matches a
rule of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.group_patterns import GroupPattern
from app.core.identity import Identity
from app.core.roles import Assertion, Role, RoleArn


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

    def is_over(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires

    def why_not(self, identity: Identity, now: datetime) -> str:
        """Empty if the rule's conditions hold; otherwise the first that does not, for the "why?" page."""
        if identity.provider != self.provider:
            return f"is for people of the provider {self.provider}"
        if self.expires is not None and self.is_over(now):
            return f"expired on {self.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if self.groups and not self.groups & identity.groups:
            return f"needs one of the groups {', '.join(sorted(self.groups))}"
        for name, accepted in sorted(self.attributes.items()):
            if not accepted & set(identity.attributes.get(name, ())):
                return f"needs the attribute {name} to be one of {', '.join(sorted(accepted))}"
        return ""

    def gives(self, identity: Identity, role: Role) -> str:
        """The group that gives this role to this person, `*` if the rule asks for none, or empty."""
        if self.group_pattern is not None and role.assertion is Assertion.PASSTHROUGH:
            return ""  # AWS enforces nothing there: such a role is named by a rule, or not given at all
        if self.group_pattern is not None:
            names = self.group_pattern.names
            account, name = role.arn.account, role.arn.name
            return _first(sorted(group for group in identity.groups if names(group, account, name)))
        if role.arn not in self.roles:
            return ""
        return _first(sorted(self.groups & identity.groups)) if self.groups else "*"


def _first(groups: Iterable[str]) -> str:
    return next(iter(groups), "")
