"""Somebody as they were when they last signed in: what is remembered to try a change of the catalog on.

It proves nothing and gives nobody anything; an `Identity`, which does, only providers make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.core.identity import Identity, Person


@dataclass(frozen=True, slots=True)
class Remembered:
    person: Person
    name: str
    groups: frozenset[str]
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen_at: datetime | None = None  # when the provider last said all this; None where it does not matter

    @classmethod
    def of(cls, identity: Identity, seen_at: datetime) -> Remembered:
        return cls(identity.person, identity.name, identity.groups, identity.attributes, seen_at)

    def as_if_now(self, now: datetime) -> Identity:
        """As if they signed in at this moment with all that any role asks for: what is decided about it is what they
        may become, and not what a session of theirs may do."""
        who = self.person
        return Identity(
            who.provider, who.subject, self.name, self.groups, now, now, attributes=self.attributes, mfa=True
        )
