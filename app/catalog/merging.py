"""Two admins who edit at once lose nothing: what both changed since the version that both began with is joined.

Field by field, as three-way merges do: what only one of them touched is taken from that one; what both made the
same is that; what they made different is a conflict, and a person decides it. Lists (groups, roles) are joined
name by name. An entry that one removed and the other altered is a conflict, too: to remove a rule is to take something
away, and must never be undone silently. And so is a rule of which one altered to whom it gives, and the other what, or
two new ones of one name: joined, people would get roles that neither of the two had in mind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from app.catalog.differences import UNSAID, changed_fields
from app.catalog.entries import Entries, Fields, Key, Kind

REMOVED = "removed"
ENTRY = ""  # the field of a conflict about the whole entry


@dataclass(frozen=True, slots=True)
class Conflict:
    """`field` is empty if it is about the whole entry; `mine` or `theirs` may then be the word `removed`."""

    key: Key
    field: str
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`entries` are whole only if there are no conflicts."""

    entries: Entries
    conflicts: tuple[Conflict, ...]


def merged(base: Entries, mine: Entries, theirs: Entries) -> Merged:
    """In the order of `theirs`, which is what the catalog has now; what I added comes after it. While nobody else has
    changed anything it is `mine`, the very same: who has read that before knows it again (`Views`)."""
    if base is theirs:
        return Merged(mine, ())
    joined: dict[Key, Fields] = {}
    conflicts: list[Conflict] = []
    for key in dict.fromkeys((*theirs, *mine)):
        fields, found = _entry(key, base.get(key), mine.get(key), theirs.get(key))
        conflicts += found
        if fields is not None:
            joined[key] = fields
    return Merged(joined, tuple(conflicts))


def _entry(
    key: Key, base: Fields | None, mine: Fields | None, theirs: Fields | None
) -> tuple[Fields | None, list[Conflict]]:
    if mine in (theirs, base):
        return theirs, []
    if theirs == base:
        return mine, []
    if mine is None or theirs is None:
        said = [REMOVED if one is None else "changed" for one in (mine, theirs)]
        return theirs or mine, [Conflict(key, ENTRY, *said)]
    joined, conflicts = dict(theirs), []
    for name, ours, others, collide in _fields(base or {}, mine, theirs, _together(key, base, mine, theirs)):
        if collide:
            conflicts.append(Conflict(key, name, ours, others))
        elif ours is UNSAID:
            joined.pop(name, None)
        else:
            joined[name] = ours
    return joined, conflicts


def _together(key: Key, base: Fields | None, mine: Fields, theirs: Fields) -> list[str]:
    """Fields that mean something only together, and that one person decides: the differing ones, in their order."""
    ours, others = ([one.field for one in changed_fields(base or {}, said)] for said in (mine, theirs))
    differing = [one.field for one in changed_fields(theirs, mine)]
    if base is None:
        return differing
    meant = {name for name in (*ours, *others) if name != "note"}
    both = not meant.isdisjoint(ours) and not meant.isdisjoint(others)
    return [name for name in differing if name in meant] if key.kind is Kind.RULE and both and len(meant) > 1 else []


def _fields(
    base: Fields, mine: Fields, theirs: Fields, together: Collection[str]
) -> Iterator[tuple[str, Any, Any, bool]]:
    """The fields that I changed: name, the value to take, their value, and whether the two collide."""
    for name in dict.fromkeys((*mine, *base, *together)):
        was, ours, others = (one.get(name, UNSAID) for one in (base, mine, theirs))
        if name in together:
            yield name, ours, others, True
            continue
        if ours in (was, others):
            continue
        both = others != was
        if both and all(isinstance(one, list | None) for one in (was, ours, others)):
            yield name, _joined(was or [], ours or [], others or []) or UNSAID, others, False
        else:
            yield name, ours, others, both


def _joined(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """Theirs, without what I took out, with what I put in."""
    kept = [one for one in theirs if one in mine or one not in base]
    return kept + [one for one in mine if one not in base and one not in kept]
