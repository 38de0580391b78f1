"""The parts of a statement: lists of strings, principals, conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.local.aws.refusals import malformed_policy

_ACCOUNT = re.compile(r"[0-9]{12}")
_PRINCIPAL = re.compile(r"arn:aws(?:-us-gov|-cn)?:(?:iam|sts)::[0-9]{12}:(?:root|[a-z-]+/[\x21-\x7e]+)")
_PROVIDER = re.compile(r"arn:aws(?:-us-gov|-cn)?:iam::[0-9]{12}:(?:saml|oidc)-provider/[\x21-\x7e]+")
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
OPERATORS = frozenset(
    "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike "
    "NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan "
    "NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan "
    "DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike "
    "Null".split()
)


@dataclass(frozen=True, slots=True)
class Condition:
    """`quantifier` is "", "ForAnyValue" or "ForAllValues"; `key` is lower-case, as keys have no case."""

    quantifier: str
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]


def strings(raw: object) -> tuple[str, ...]:
    items = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(item, str) and item for item in items):
        raise malformed_policy("Syntax errors in policy.")
    return tuple(items)


def principals_of(raw: object) -> tuple[tuple[str, str], ...]:
    if raw is None:
        return ()
    if raw == "*":
        return (("AWS", "*"),)
    if not isinstance(raw, Mapping) or not raw:
        raise malformed_policy("Syntax errors in policy.")
    return tuple((kind, _principal(kind, value)) for kind, values in raw.items() for value in strings(values))


def _principal(kind: str, value: str) -> str:
    match kind:
        case "AWS" if value == "*" or _ACCOUNT.fullmatch(value) or _PRINCIPAL.fullmatch(value):
            return value
        case "Federated" if _PROVIDER.fullmatch(value) or _DOMAIN.fullmatch(value):
            return value
        case "Federated":
            raise malformed_policy("Federated principals must be valid domain names or SAML metadata ARNs")
        case "Service" if _DOMAIN.fullmatch(value):
            return value
        case "AWS" | "Service" | "CanonicalUser":
            raise malformed_policy(f'Invalid principal in policy: "{kind}":"{value}"')
        case _:
            raise malformed_policy("Syntax errors in policy.")


def conditions_of(raw: object) -> tuple[Condition, ...]:
    if not isinstance(raw, Mapping):
        raise malformed_policy("Syntax errors in policy.")
    return tuple(_condition(operator, key, values) for operator, keys in raw.items() for key, values in _pairs(keys))


def _pairs(raw: object) -> list[tuple[str, object]]:
    if not isinstance(raw, Mapping) or not raw:
        raise malformed_policy("Syntax errors in policy.")
    return list(raw.items())


def _condition(text: str, key: str, raw: object) -> Condition:
    quantifier, colon, rest = text.partition(":")
    operator = rest if colon else text
    quantifier = quantifier if colon else ""
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    known = quantifier in ("", "ForAnyValue", "ForAllValues") and operator in OPERATORS
    if not known or if_exists and operator == "Null":
        raise malformed_policy(f"Invalid Condition type : {text}.")
    if ":" not in key:
        raise malformed_policy(f"Condition key {key} must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    return Condition(quantifier, operator, if_exists, key.lower(), _values(raw))


def _values(raw: object) -> tuple[str, ...]:
    """Booleans and numbers may stand unquoted; both are compared as text of their kind."""
    items = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(item, str | int | float) for item in items):
        raise malformed_policy("Syntax errors in policy.")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)
