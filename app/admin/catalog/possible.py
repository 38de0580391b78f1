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
from app.doctor.reach import Reached

Reach = Callable[[Iterable[str]], Mapping[str, Reached]]
"""By ARN, for the roles of the catalog in force."""


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


def by_rule(differences: Sequence[Difference], reach: Reach, said: Entries) -> dict[Key, list[Possible]]:
    """Of the rules that a change writes, with the roles that each gives. Asked once for all of them."""
    rules = [one.key for one in differences if one.key.kind is Kind.RULE and one.change is not Change.REMOVED]
    given = {key: said[key].get("roles", ()) for key in rules}
    known = {one.arn: one for one in possible((arn for arns in given.values() for arn in arns), reach, said)}
    return {key: _sorted(known[arn] for arn in arns) for key, arns in given.items()}


def roles_of(key: Key, said: Entries) -> Sequence[str]:
    """The roles that an entry gives: a rule those that it names, a role itself."""
    roles: Sequence[str] = said[key].get("roles", ())
    return [key.name] if key.kind is Kind.ROLE else roles


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
