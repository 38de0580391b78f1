"""What the API of the catalog answers, in JSON's own types; `openapi.catalog` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.admin.catalog.concerned import as_concerned
from app.admin.catalog.desk import Weighed
from app.admin.catalog.possible import as_possible
from app.catalog.differences import Difference
from app.catalog.drafts import Draft
from app.catalog.entries import Entries, Key
from app.catalog.versions import Author, Version
from app.core.credentials import as_zulu


def as_entry(key: Key, entries: Entries) -> dict[str, Any]:
    return {"kind": key.kind, "name": key.name, "fields": entries[key]}


def as_difference(one: Difference) -> dict[str, Any]:
    """`before` or `after` is null where the field is not written."""
    return {"kind": one.key.kind, "name": one.key.name, "change": one.change, "fields": [asdict(f) for f in one.fields]}


def as_weighed(weighed: Weighed) -> dict[str, Any]:
    """`possible`: each role that a rule of the change gives, once."""
    roles = {one.arn: one for given in weighed.possible.values() for one in given}
    return {
        "newest": weighed.newest,
        "differences": [as_difference(one) for one in weighed.differences],
        "needs_second_person": list(weighed.needs),
        "conflicts": [
            {"kind": one.key.kind, "name": one.key.name, "field": one.field, "mine": one.mine, "theirs": one.theirs}
            for one in weighed.conflicts
        ],
        "problems": list(weighed.problems),
        "concerns": as_concerned(weighed.effects),
        "possible": [as_possible(one) for one in roles.values()],
    }


def as_version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "made_at": as_zulu(version.made_at),
        "author": as_author(version.author),
        "reason": version.reason,
        "base": version.base,
        "restored": version.restored,
    }


def as_draft(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "state": draft.state,
        "made_at": as_zulu(draft.made_at),
        "author": as_author(draft.author),
        "reason": draft.reason,
        "base": draft.base,
        "restored": draft.restored,
        "why_second_person": list(draft.needs),
        "decided_by": None if draft.decided_by is None else as_author(draft.decided_by),
        "decided_at": None if draft.decided_at is None else as_zulu(draft.decided_at),
        "answer": draft.answer,
        "version": draft.version,
    }


def as_author(author: Author) -> dict[str, Any]:
    person = author.person
    return {"name": author.name, "provider": person.provider if person else None}
