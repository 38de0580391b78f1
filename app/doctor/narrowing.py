"""Which conditions really keep somebody out: not those that an absent key, a bare star or a negation satisfies."""

from __future__ import annotations

from collections.abc import Iterable

from app.doctor.conditions import is_negated
from app.doctor.policies import Condition, Statement

_SAYING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool")
# Keys that say who is meant, and not only how or when.
_WHO = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:userid")


def is_effective(condition: Condition) -> bool:
    """Whatever its key, does it turn away a request that says nothing, and one that says anything else?"""
    return (
        condition.plain in _SAYING
        and not condition.if_exists
        and not is_negated(condition)
        and condition.quantifier != "ForAllValues"
        and not any(set(value) <= set("*?") for value in condition.values)
    )


def narrows(statement: Statement, keys: Iterable[str]) -> bool:
    wanted = {key.lower() for key in keys}
    return any(is_effective(found) and found.key.lower() in wanted for found in statement.conditions)


def narrows_who(statement: Statement) -> bool:
    return narrows(statement, _WHO)


def who_is_meant(statement: Statement) -> list[str]:
    """Every condition, as it is written: for people who read on."""
    return [str(condition) for condition in statement.conditions]
