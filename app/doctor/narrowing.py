"""Which conditions really keep somebody out: not those that an absent key, a wildcard, a variable or a negation
satisfies."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.doctor.comparing import compare
from app.doctor.policies import Condition, Statement
from app.doctor.truth import Truth

_SAYING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool")
# Keys that say who is meant, and not only how or when.
_WHO = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:userid")
# What somebody says whom nobody means. A value that fits one of them fits too many: `https://*`, `o-*`, `AROA*`.
_STRANGERS = (
    "strangers.example",
    "https://strangers.example/saml",
    "urn:strangers.example",
    "o-strangers1/r-strangers/ou-strangers/",
    "AROASTRANGERSSTRANG01:strangers",
    "AIDASTRANGERSSTRANG01",
    "arn:aws:iam::000000000000:role/strangers",
)


def demands(condition: Condition) -> bool:
    """Does it turn away a request that says nothing under its key?"""
    return condition.plain in _SAYING and not condition.if_exists and condition.quantifier != "ForAllValues"


def is_effective(condition: Condition) -> bool:
    """And one that says anything else?"""
    if not demands(condition) or _is_either(condition):
        return False
    return not any(_fits_many(condition, value) for value in condition.values)


def _is_either(condition: Condition) -> bool:
    return condition.plain == "Bool" and {value.lower() for value in condition.values} >= {"true", "false"}


def _fits_many(condition: Condition, value: str) -> bool:
    """What a variable stands for comes with the request: `${saml:aud}` is what every audience is equal to."""
    if "${" in value or set(value) <= set("*?"):
        return True
    if condition.plain not in ("StringLike", "ArnLike", "ArnEquals"):
        return False
    fits = any(compare(condition.plain, value, one) is Truth.YES for one in _STRANGERS)
    return fits or _is_of_many_accounts(condition.key.lower(), value)


def _is_of_many_accounts(key: str, value: str) -> bool:
    match key:
        case "aws:principalarn":
            parts = value.split(":", 5)
            return len(parts) < 6 or bool(set(parts[4]) & set("*?"))
        case "aws:principalaccount":
            return bool(set(value) & set("*?"))
        case _:
            return False


def narrows(statement: Statement, keys: Iterable[str]) -> bool:
    wanted = {key.lower() for key in keys}
    return any(is_effective(found) and found.key.lower() in wanted for found in statement.conditions)


def narrows_who(statement: Statement) -> bool:
    return narrows(statement, _WHO)


def picks(statement: Statement) -> bool:
    """Does it name users and roles, and not only all those of an account or of an organization?"""
    return any(is_effective(found) and all(_is_named(found, v) for v in found.values) for found in statement.conditions)


def _is_named(condition: Condition, value: str) -> bool:
    match condition.key.lower():
        case "aws:principalarn":
            resource = value.split(":", 5)[-1]
            return resource == "root" or bool(set(resource.partition("/")[2]) - set("*?/"))
        case "aws:userid":
            return re.match("[A-Z0-9]{16}", value) is not None
        case _:
            return False


def who_is_meant(statement: Statement) -> list[str]:
    """Every condition, as it is written: for people who read on."""
    return [str(condition) for condition in statement.conditions]
