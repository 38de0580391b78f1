"""Who gets which role, collected from a file: each grant checked on its own, then all of them together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.catalog.entries import Key, Kind
from app.catalog.importing.imported import Imported
from app.core.roles import Partition, RoleArn

_LONGEST_GROUP = 256  # characters, as everywhere
_LONGEST_SHOWN = 120
_MOST_NAMED = 5
_OF_AWS = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/(?:aws-reserved/|aws-service-role/|(?:.*/)?AWSReservedSSO_)")


@dataclass(slots=True)
class Grants:
    """`origin` begins the ids of the rules, so that the next import of the same tool meets its own."""

    origin: str
    provider: str
    notes: dict[str, dict[str, None]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    _given: dict[str, dict[RoleArn, str]] = field(default_factory=dict)
    _roles: dict[RoleArn, dict[str, Any]] = field(default_factory=dict)
    _patterns: dict[str, str] = field(default_factory=dict)

    def note(self, sentence: str, about: str = "") -> None:
        """Once, however many things it is `about`."""
        named = self.notes.setdefault(sentence, {})
        if about:
            named[about] = None

    def skip(self, place: str, why: str) -> None:
        readable = place.isprintable() and len(place) <= 2 * _LONGEST_SHOWN
        self.skipped.append(f"{place if readable else shown(place)}: {why}")

    def give(self, group: str, arn: str, place: str) -> None:
        """`place` is where it is written."""
        problem = _group_problem(group)
        if problem:
            return self.skip(place, problem)
        role = self.role(arn, place)
        if role is not None:
            self._given.setdefault(group, {}).setdefault(role, place)
        return None

    def role(self, arn: str, place: str) -> RoleArn | None:
        """A role to be in the catalog; None and told if it cannot be."""
        try:
            role = RoleArn(arn)
        except ValueError:
            self.skip(place, f"expected the ARN of a role, got {shown(arn)}")
            return None
        if _OF_AWS.match(role):
            self.skip(
                place, f"{role.name} is AWS's own: nobody can change whom it trusts, so the gateway cannot take it"
            )
            return None
        self._roles.setdefault(role, {"arn": str(role)})
        return role

    def without_console(self, role: RoleArn) -> None:
        self._roles[role]["console"] = False

    def pattern(self, name: str, pattern: str) -> None:
        self._patterns[name] = pattern

    def finish(self) -> Imported:
        """Everything that fits together, as entries: accounts, roles, rules."""
        out = self._colliding()
        roles = {role: fields for role, fields in self._roles.items() if role not in out}
        entries: dict[Key, Any] = {}
        for role in roles:
            account = {"id": str(role.account), "name": f"Account {role.account}"}
            if role.aws_partition is not Partition.AWS:
                account["partition"] = role.aws_partition.value
            entries.setdefault(Key(Kind.ACCOUNT, role.account), account)
        entries |= {Key(Kind.ROLE, role): fields for role, fields in roles.items()}
        entries |= {Key(Kind.RULE, rule["id"]): rule for rule in self._rules(out)}
        return Imported(entries, tuple(self._told()), tuple(self.skipped))

    def _told(self) -> Iterator[str]:
        for sentence, named in self.notes.items():
            first = ", ".join(shown(name) for name in list(named)[:_MOST_NAMED])
            more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
            yield f"{first}{more}: {sentence}" if named else sentence

    def _rules(self, out: set[RoleArn]) -> Iterator[dict[str, Any]]:
        for name, pattern in self._patterns.items():
            yield {
                "id": rule_id(self.origin, name),
                "provider": self.provider,
                "group_pattern": pattern,
                "note": f"Imported: {self.origin}",
            }
        for group, given in self._given.items():
            roles = [str(role) for role in given if role not in out]
            if roles:
                yield {
                    "id": rule_id(self.origin, group),
                    "provider": self.provider,
                    "groups": [group],
                    "roles": roles,
                    "note": f"Imported: {self.origin}",
                }

    def _colliding(self) -> set[RoleArn]:
        """Roles of which at most one can exist at AWS: names are unique there without regard to case and path.

        Which one does exist, the file does not say. To take one of them would be a guess about who becomes what.
        """
        names: dict[str, list[RoleArn]] = {}
        partitions: dict[str, set[Partition]] = {}
        for role in self._roles:
            names.setdefault(f"{role.account}/{role.name}".lower(), []).append(role)
            partitions.setdefault(role.account, set()).add(role.aws_partition)
        twice = [role for same in names.values() if len(same) > 1 for role in same]
        for role in twice:
            self.skip(role, "AWS can have only one role of this name, without regard to case and path")
        astray = [role for role in self._roles if len(partitions[role.account]) > 1]
        for role in astray:
            self.skip(role, "an account is in one partition, and the file has roles of this one in several")
        return {*twice, *astray}


def rule_id(origin: str, name: str) -> str:
    """Readable, at most 80 characters, and another one for every name: `consoleme-Developers`."""
    readable = re.sub(r"[^A-Za-z0-9_.@-]+", "-", name)[:48]
    if readable == name:
        return f"{origin}-{name}"
    return f"{origin}-{readable}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def shown(text: str) -> str:
    """Somebody else's text in a sentence of ours: short, and without control characters."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _group_problem(group: str) -> str:
    if not group:
        return "a group without a name"
    if len(group) > _LONGEST_GROUP:
        return f"the name of a group has more than {_LONGEST_GROUP} characters"
    if not group.isprintable():
        return f"the name of a group has characters that cannot be seen: {shown(group)}"
    return ""
