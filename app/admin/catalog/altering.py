"""The catalog with entries put in, renamed or taken out; what leans on them comes along, so that it still fits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.admin.catalog.present import account_of
from app.catalog.entries import Entries, Fields, Key, Kind


def with_entry(found: Entries, key: Key, fields: Fields, was: Key | None = None) -> Entries:
    """In the place of the entry that it was; at the end, if it is new."""
    return with_entries(found, {was or key: (key, fields)})


def with_entries(found: Entries, written: Mapping[Key, tuple[Key, Fields]]) -> Entries:
    """The same of several, each under the name that it had so far."""
    joined: dict[Key, Fields] = {}
    for one, said in found.items():
        key, fields = written.get(one, (one, said))
        joined[key] = fields
    joined.update(pair for was, pair in written.items() if was not in found)
    arns = {was.name: key.name for was, (key, _) in written.items() if was != key and key.kind is Kind.ROLE}
    return {one: _renamed(said, arns) for one, said in joined.items()} if arns else joined


def without(found: Entries, keys: Collection[Key]) -> Entries:
    """An account goes with its roles, and a role with its place in every rule; a rule that gives nothing more goes."""
    gone = set(keys)
    accounts = {key.name for key in keys if key.kind is Kind.ACCOUNT}
    gone |= {one for one in found if one.kind is Kind.ROLE and account_of(one.name) in accounts}
    arns = {one.name for one in gone if one.kind is Kind.ROLE}
    left: dict[Key, Fields] = {}
    for one, said in found.items():
        if one in gone:
            continue
        roles = [arn for arn in said.get("roles", ()) if arn not in arns]
        if len(roles) == len(said.get("roles", ())):
            left[one] = said
        elif roles:
            left[one] = {**said, "roles": roles}
    return left


def _renamed(said: Fields, arns: Mapping[str, str]) -> Mapping[str, Any]:
    if arns.keys().isdisjoint(said.get("roles", ())):
        return said
    return {**said, "roles": [arns.get(arn, arn) for arn in said["roles"]]}
