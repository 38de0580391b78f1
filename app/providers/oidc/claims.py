"""Claims, read with types: a value of another kind than expected is refused, never bent into shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from app.providers.refusals import groups_missing, refused, value_missing
from app.providers.settings import OidcSettings
from app.providers.text import GROUP_BYTES, MOST_GROUPS, SUBJECT_BYTES, VALUE_BYTES, is_plain

Claims = Mapping[str, object]
Default = TypeVar("Default")


class _Missing:
    """Not there; which is neither None nor empty."""


MISSING = _Missing()


def at(claims: Claims, path: str) -> object:
    """The value at a dotted path, or MISSING.

    Keys may contain dots themselves (`https://example.com/claims`), so at each step the longest key is
    tried first.
    """
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        key, rest = ".".join(parts[:length]), ".".join(parts[length:])
        if key not in claims:
            continue
        value = claims[key]
        if not rest:
            return value
        return at(value, rest) if isinstance(value, dict) else MISSING
    return MISSING


def has(claims: Claims, path: str) -> bool:
    return at(claims, path) is not MISSING


def text(value: object, most_bytes: int, reason: str) -> str:
    """A plain text that is not empty. Raises SignInRefused."""
    if not isinstance(value, str) or not value or not is_plain(value, most_bytes):
        raise refused(reason)
    return value


def is_overage(claims: Claims, settings: OidcSettings) -> bool:
    """Entra ID's way to say "too many groups": a pointer to them, or in some tokens just a flag."""
    if has(claims, settings.groups_claim):
        return False
    pointers = claims.get("_claim_names")
    pointed = isinstance(pointers, dict) and settings.groups_claim.partition(".")[0] in pointers
    return pointed or claims.get("hasgroups") in (True, "true")


def groups(claims: Claims, settings: OidcSettings) -> frozenset[str]:
    """A list of texts and nothing else: "admins,users" is one group's name, or a mistake; never two groups."""
    value = at(claims, settings.groups_claim)
    if value is MISSING:
        raise groups_missing("oidc", settings.label, settings.groups_claim)
    if not isinstance(value, list):
        raise refused("oidc.groups-type")
    if len(value) > MOST_GROUPS:
        raise refused("oidc.too-many-groups")
    return frozenset(text(group, GROUP_BYTES, "oidc.groups-type") for group in value)


def name(claims: Claims, settings: OidcSettings) -> str:
    value = at(claims, settings.name_claim)
    if value is MISSING or value == "":
        raise value_missing("oidc", settings.label, settings.name_claim)
    return text(value, SUBJECT_BYTES, "oidc.text")


def email(claims: Claims, settings: OidcSettings) -> str:
    """For people to read; it identifies nobody, so that a missing one is no reason to refuse."""
    value = at(claims, settings.email_claim) if settings.email_claim else MISSING
    return "" if value is MISSING or value in ("", None) else text(value, VALUE_BYTES, "oidc.text")


def attributes(claims: Claims, settings: OidcSettings) -> dict[str, tuple[str, ...]]:
    """What the operator asked for, and nothing else, as tuples."""
    return {path: _values(at(claims, path)) for path in settings.attributes if has(claims, path)}


def _values(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [] if value in ("", None) else [value]
    if len(several) > MOST_GROUPS:
        raise refused("oidc.text")
    return tuple(text(one, VALUE_BYTES, "oidc.text") for one in several)
