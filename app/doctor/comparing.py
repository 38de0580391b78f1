"""One value of a policy against one value of a call, for the positive operators."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from app.doctor.truth import Truth, known

_ORDERS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "Equals": lambda a, b: a == b,
        "LessThan": lambda a, b: a < b,
        "LessThanEquals": lambda a, b: a <= b,
        "GreaterThan": lambda a, b: a > b,
        "GreaterThanEquals": lambda a, b: a >= b,
    }
)
OPERATORS = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "Bool", "IpAddress", "ArnEquals", "ArnLike"}
    | {f"{kind}{order}" for kind in ("Numeric", "Date") for order in _ORDERS}
)


def compare(operator: str, wanted: str, value: str) -> Truth:
    """`operator` is one of OPERATORS. `cannot tell` where the policy's value is none of its kind."""
    match operator:
        case "StringEquals":
            return known(wanted == value)
        case "StringEqualsIgnoreCase":
            return known(wanted.casefold() == value.casefold())
        case "StringLike":
            return known(wild(wanted, value))
        case "Bool":
            return known(wanted.lower() == value.lower())
        case "ArnEquals" | "ArnLike":
            return _arn(wanted, value)
        case "IpAddress":
            return _in_network(wanted, value)
        case _ if operator.startswith("Numeric"):
            return _ordered(operator.removeprefix("Numeric"), _number(value), _number(wanted))
        case _:
            return _ordered(operator.removeprefix("Date"), _moment(value), _moment(wanted))


def wild(pattern: str, text: str, *, case: bool = True) -> bool:
    """`*` and `?`. Step by step, and never in more than len(pattern) * len(text) of them: as a regular expression, a
    policy with forty stars would keep the gateway busy for years."""
    if not case:
        pattern, text = pattern.casefold(), text.casefold()
    here = there = 0
    star, back = -1, 0
    while there < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, back, here = here, there, here + 1
        elif here < len(pattern) and pattern[here] in ("?", text[there]):
            here, there = here + 1, there + 1
        elif star >= 0:
            here, back = star + 1, back + 1
            there = back
        else:
            return False
    return set(pattern[here:]) <= {"*"}


def _arn(wanted: str, value: str) -> Truth:
    """Six parts, each on its own: a `*` in the account does not reach into the resource."""
    pattern, arn = wanted.split(":", 5), value.split(":", 5)
    if len(pattern) != 6 or len(arn) != 6:
        return Truth.UNCLEAR
    return known(all(wild(part, text) for part, text in zip(pattern, arn, strict=True)))


def _ordered(order: str, value: float | None, wanted: float | None) -> Truth:
    if value is None or wanted is None:
        return Truth.UNCLEAR
    return known(_ORDERS[order](value, wanted))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """ISO 8601, or seconds since 1970."""
    if (number := _number(text)) is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(network: str, address: str) -> Truth:
    try:
        return known(ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False))
    except ValueError:
        return Truth.UNCLEAR
