"""What is possible with roles that rules give out, beside the rules: as the trust doctor last saw their policies.

Nobody waits for AWS here, and nothing is guessed: what was never seen is said to be not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.admin.catalog.present import account_of, role_name
from app.catalog.differences import Change, Difference
from app.catalog.entries import Entries, Key, Kind
from app.core.credentials import as_zulu
from app.core.group_patterns import GroupPattern
from app.core.roles import Assertion
from app.doctor.reach import Reached

Reach = Callable[[Iterable[str]], Mapping[str, Reached]]
"""By ARN, for the roles of the catalog in force."""

Seen = Callable[[str], Sequence[str]]
"""The groups that people of a provider had lately, those of most people first."""


@dataclass(frozen=True, slots=True)
class Possible:
    """Of one role. `doctor` is where its policies are looked at; empty while the catalog in force does not have it."""

    arn: str
    name: str
    known: Reached
    doctor: str

    @property
    def rank(self) -> int:
        """First what can be done with it, then what nobody knows, then what leads nowhere."""
        return 0 if self.known.paths else 1 if self.known.seen_at is None else 2


def possible(arns: Iterable[str], reach: Reach, said: Entries) -> list[Possible]:
    """`said` has the roles' names. Each role once."""
    wanted = list(dict.fromkeys(arns))
    known = reach(wanted) if wanted else {}
    return _sorted(_of(arn, known.get(arn), said) for arn in wanted)


def by_rule(differences: Sequence[Difference], reach: Reach, said: Entries, seen: Seen) -> dict[Key, list[Possible]]:
    """Of the rules that a change writes, with the roles that each gives. Asked once for all of them."""
    rules = [one.key for one in differences if one.key.kind is Kind.RULE and one.change is not Change.REMOVED]
    given = {key: roles_of(key, said, seen) for key in rules}
    known = {one.arn: one for one in possible((arn for arns in given.values() for arn in arns), reach, said)}
    return {key: _sorted(known[arn] for arn in arns) for key, arns in given.items()}


def roles_of(key: Key, said: Entries, seen: Seen) -> Sequence[str]:
    """The roles that an entry gives: a role itself; a rule those that it names, or that groups which were seen name by
    its pattern."""
    fields = said[key]
    if "group_pattern" in fields:
        return _named_by(fields["group_pattern"], seen(fields["provider"]), said)
    roles: Sequence[str] = fields.get("roles", ())
    return [key.name] if key.kind is Kind.ROLE else roles


def _named_by(pattern: str, groups: Iterable[str], said: Entries) -> list[str]:
    try:
        match = GroupPattern(pattern)
    except ValueError:  # of a file that is not in force as it stands
        return []
    named = {match.named_role(group) for group in groups} - {None}
    arns = [key.name for key in said if key.kind is Kind.ROLE] if named else ()
    return [arn for arn in arns if (account_of(arn), role_name(arn)) in named and not _is_passed(arn, said)]


def _is_passed(arn: str, said: Entries) -> bool:
    """A role with `passthrough` is given by name only (`Rule.gives`)."""
    defaults = said.get(Key(Kind.ACCOUNT, account_of(arn)), {}).get("defaults", {})
    return bool({**defaults, **said[Key(Kind.ROLE, arn)]}.get("assertion") == Assertion.PASSTHROUGH)


def _sorted(found: Iterable[Possible]) -> list[Possible]:
    return sorted(found, key=lambda one: (one.rank, one.name))


def as_possible(one: Possible) -> dict[str, Any]:
    """`seen_at` is null where nothing is known."""
    return {
        "arn": one.arn,
        "seen_at": None if one.known.seen_at is None else as_zulu(one.known.seen_at),
        "escalations": [
            {"id": path.id, "actions": list(path.actions), "could": path.could} for path in one.known.paths
        ],
    }


def _of(arn: str, known: Reached | None, said: Entries) -> Possible:
    account, name = account_of(arn), role_name(arn)
    label = said.get(Key(Kind.ROLE, arn), {}).get("label") or name
    place = said.get(Key(Kind.ACCOUNT, account), {}).get("name", account)
    doctor = "" if known is None else f"/admin/doctor/{account}/{name}"
    return Possible(arn, f"{label} in {place}", known or Reached(), doctor)
