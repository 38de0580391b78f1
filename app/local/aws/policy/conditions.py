"""Condition operators, with what AWS says about keys that are absent and keys with many values.

Source: IAM User Guide, "Condition operators" and "Single-valued vs. multivalued context keys". An absent
key fails every positive operator, satisfies every negated one, `...IfExists` and `ForAllValues`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime

from app.local.aws.policy.grammar import Condition
from app.local.aws.policy.patterns import Context, expanded, like

_POSITIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def holds(condition: Condition, context: Context, variables: bool) -> bool:
    values = context.get(condition.key, ())
    if condition.operator == "Null":
        return all((wanted == "true") == (not values) for wanted in condition.values)
    if not values:
        negated = condition.operator in _POSITIVE and condition.quantifier != "ForAnyValue"
        return condition.if_exists or negated or condition.quantifier == "ForAllValues"
    answers = [_one(condition, value, context, variables) for value in values]
    if condition.quantifier == "ForAllValues":
        return all(answers)
    if condition.quantifier == "ForAnyValue" or condition.operator not in _POSITIVE:
        return any(answers)
    return all(answers)


def _one(condition: Condition, value: str, context: Context, variables: bool) -> bool:
    """One value of the request against all values of the policy: any for positive, none for negated."""
    positive = _POSITIVE.get(condition.operator, condition.operator)
    found = any(_compare(positive, wanted, value, context, variables) for wanted in condition.values)
    return not found if condition.operator in _POSITIVE else found


def _compare(operator: str, wanted: str, value: str, context: Context, variables: bool) -> bool:
    if operator == "StringLike":
        return like(wanted, value, context, variables)
    if operator in ("ArnEquals", "ArnLike"):
        return _arn_like(wanted, value, context, variables)
    plain = expanded(wanted, context, variables)
    if plain is None:
        return False
    match operator:
        case "StringEquals" | "BinaryEquals":
            return plain == value
        case "StringEqualsIgnoreCase":
            return plain.casefold() == value.casefold()
        case "Bool":
            return plain.lower() == value.lower()
        case "IpAddress":
            return _in_network(plain, value)
        case _ if operator.startswith("Numeric"):
            return _ordered(operator.removeprefix("Numeric"), _number(value), _number(plain))
        case _:
            return _ordered(operator.removeprefix("Date"), _moment(value), _moment(plain))


def _arn_like(wanted: str, value: str, context: Context, variables: bool) -> bool:
    """Six parts, each on its own: a `*` in the account does not reach into the resource."""
    pattern, arn = wanted.split(":", 5), value.split(":", 5)
    pairs = zip(pattern, arn, strict=True) if len(pattern) == len(arn) == 6 else None
    return pairs is not None and all(like(part, text, context, variables) for part, text in pairs)


_ORDER: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


def _ordered(name: str, value: float | None, wanted: float | None) -> bool:
    return value is not None and wanted is not None and _ORDER[name](value, wanted)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """ISO 8601 or seconds since 1970."""
    if (number := _number(text)) is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
