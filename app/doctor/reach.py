"""Which roads from a role's policies to more rights are possible. Never "is": resources, iam:PassedToService, service
control policies, boundaries and session policies may each close one, and are not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.doctor.comparing import wild
from app.doctor.reach_paths import ADMINISTRATOR, PATHS, Path


@dataclass(frozen=True, slots=True)
class _Statement:
    allow: bool
    actions: tuple[str, ...]
    turned: bool  # NotAction
    everywhere: bool  # on every resource, without a condition

    def covers(self, action: str) -> bool:
        return any(wild(pattern, action, case=False) for pattern in self.actions) is not self.turned


@dataclass(frozen=True, slots=True)
class Reached:
    """What is possible with a role by its policies, as they were at `seen_at`; None where they were never seen."""

    paths: tuple[Path, ...] = ()
    seen_at: datetime | None = None


def paths_of(policies: Sequence[str]) -> tuple[str, ...]:
    """Ids of `PATHS`, from policy documents (JSON). What another road needs as well is not told twice."""
    statements = [found for text in policies for found in _statements(text)]
    if _may(statements, "*:*") and any(found.allow and "*" in found.actions for found in statements):
        return (ADMINISTRATOR.id,)
    open_ = [path for path in PATHS.values() if path.actions and all(_may(statements, a) for a in path.actions)]
    return tuple(path.id for path in open_ if not any(set(other.actions) < set(path.actions) for other in open_))


def told(ids: Iterable[str]) -> tuple[Path, ...]:
    """What another version of the gateway has found and this one does not know is left out."""
    return tuple(PATHS[id_] for id_ in ids if id_ in PATHS)


def _may(statements: Sequence[_Statement], action: str) -> bool:
    if any(not found.allow and found.everywhere and found.covers(action) for found in statements):
        return False
    return any(found.allow and found.covers(action) for found in statements)


def _statements(text: str) -> Iterator[_Statement]:
    """What cannot be read allows nothing: IAM would not have stored it."""
    try:
        document = json.loads(text)
    except ValueError:
        return
    raw = document.get("Statement", []) if isinstance(document, Mapping) else []
    for item in raw if isinstance(raw, list) else [raw]:
        if isinstance(item, Mapping):
            everywhere = "*" in _texts(item.get("Resource", ())) and not item.get("Condition")
            actions = _texts(item.get("Action", item.get("NotAction", ())))
            yield _Statement(item.get("Effect") == "Allow", actions, "NotAction" in item, everywhere)


def _texts(raw: object) -> tuple[str, ...]:
    items = raw if isinstance(raw, list | tuple) else [raw]
    return tuple(item for item in items if isinstance(item, str))
