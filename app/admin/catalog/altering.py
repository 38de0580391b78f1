"""The catalog with one entry put in, renamed or taken out; what leans on it comes along, so that it still fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.admin.catalog.present import account_of
from app.catalog.entries import Entries, Fields, Key, Kind


def with_entry(found: Entries, key: Key, fields: Fields, was: Key | None = None) -> Entries:
    """In the place of the entry that it was; at the end, if it is new."""
    if was is None or was not in found:
        return {**found, key: fields}
    renamed = {(key if one == was else one): (fields if one == was else said) for one, said in found.items()}
    if key == was:
        return renamed
    return {one: _renamed(said, was.name, key.name) for one, said in renamed.items()} if _is_role(key) else renamed


def without(found: Entries, key: Key) -> Entries:
    """An account goes with its roles, and a role with its place in every rule; a rule that gives nothing more goes."""
    gone = {key}
    if key.kind is Kind.ACCOUNT:
        gone |= {one for one in found if one.kind is Kind.ROLE and account_of(one.name) == key.name}
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


def _renamed(said: Fields, old: str, new: str) -> Mapping[str, Any]:
    if old not in said.get("roles", ()):
        return said
    return {**said, "roles": [new if arn == old else arn for arn in said["roles"]]}


def _is_role(key: Key) -> bool:
    return key.kind is Kind.ROLE
