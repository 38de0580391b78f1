"""Whom a change concerns, in JSON's own types: as much of it as the page shows."""

from __future__ import annotations

from typing import Any

from app.admin.effects.flow import Foreseen, PeopleList, RoleLine


def as_concerned(effects: object) -> dict[str, Any] | None:
    """None where nothing was looked at."""
    if not isinstance(effects, Foreseen):
        return None
    return {
        "known": effects.known,
        "days": effects.days,
        "gain": _people(effects.gains),
        "lose": _people(effects.loses),
        "keep_with_other_limits": _people(effects.alters),
        "alarming": [{**_role(one.line), "gain": one.gain} for one in effects.alarming],
    }


def _people(found: PeopleList) -> dict[str, Any]:
    """`total` of them; the first ones by name."""
    people = [
        {
            "name": one.who.name,
            "provider": one.who.person.provider,
            "sessions": one.sessions,
            "roles": [_role(role) for role in one.roles],
            "more_roles": one.more,
        }
        for one in found.shown
    ]
    return {"total": found.total, "people": people}


def _role(line: RoleLine) -> dict[str, Any]:
    """`powerful` says why it looks so, or is empty."""
    return {"arn": line.arn, "powerful": line.powerful, "rule": line.rule, "group": line.group}
