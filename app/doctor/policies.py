"""Trust policies, read as they stand. What is unusual is kept for the judgement; only what says nothing is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.awsside.documents import VERSION, Document

_QUANTIFIERS = ("ForAnyValue", "ForAllValues")
_DEEPEST = 20


class NotATrustPolicy(ValueError):
    """With the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`operator` and `key` as they are written."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def quantifier(self) -> str:
        before, colon, _ = self.operator.partition(":")
        return before if colon else ""

    @property
    def plain(self) -> str:
        """The operator without its quantifier and without IfExists."""
        return self.operator.rpartition(":")[2].removesuffix("IfExists")

    @property
    def if_exists(self) -> bool:
        return self.operator.endswith("IfExists")

    @property
    def is_written_known(self) -> bool:
        return self.quantifier in ("", *_QUANTIFIERS)

    def __str__(self) -> str:
        return f"{self.operator} {self.key} {' or '.join(json.dumps(value) for value in self.values)}"


@dataclass(frozen=True, slots=True)
class Statement:
    """`number` counts from 1, as people do. `principals` are (kind, value), and `("*", "*")` for a bare star."""

    number: int
    sid: str
    allow: bool
    principals: tuple[tuple[str, str], ...]
    not_principal: bool
    actions: tuple[str, ...]
    not_action: bool
    conditions: tuple[Condition, ...]

    @property
    def name(self) -> str:
        return f"Statement {self.number}" + (f" ({self.sid})" if self.sid else "")


@dataclass(frozen=True, slots=True)
class Trust:
    """`variables`: only the version 2012-10-17 knows `${...}`. `document` is what was read."""

    document: Document
    variables: bool
    statements: tuple[Statement, ...]


def read(text: str) -> Trust:
    """Raises NotATrustPolicy."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
        json.dumps(document, ensure_ascii=False).encode()  # half a character would break the page that shows it
    except (ValueError, RecursionError) as problem:
        why = problem if isinstance(problem, NotATrustPolicy) else "it is not JSON"
        raise NotATrustPolicy(f"This is no trust policy: {why}.") from None
    if not isinstance(document, dict):
        raise NotATrustPolicy("This is no trust policy: it is not a JSON object.")
    if _is_deeper(document, _DEEPEST):
        raise NotATrustPolicy("This is no trust policy: it is nested more deeply than any is.")
    raw = document.get("Statement")
    statements = raw if isinstance(raw, list) else [raw] if raw else []
    if not statements:
        raise NotATrustPolicy("This trust policy has no statement, so it lets nobody in.")
    found = tuple(_statement(number, item) for number, item in enumerate(statements, 1))
    return Trust(document, document.get("Version") == VERSION, found)


def _is_deeper(found: object, most: int) -> bool:
    """Whatever handles a document afterwards goes down into it by itself, and Python only so far."""
    inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return most == 0 or any(_is_deeper(one, most - 1) for one in inside)


def _once(pairs: list[tuple[str, object]]) -> Document:
    """Readers differ on which of two equal keys counts, so one that stands twice is refused."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise NotATrustPolicy("a key stands in it twice")
    return dict(pairs)


def _statement(number: int, raw: object) -> Statement:
    if not isinstance(raw, Mapping) or raw.get("Effect") not in ("Allow", "Deny"):
        raise NotATrustPolicy(f'Statement {number} is none: it needs the Effect "Allow" or "Deny".')
    where = f"Statement {number}"
    for one, other in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
        if (one in raw) == (other in raw):
            raise NotATrustPolicy(f"{where} needs either {one} or {other}.")
    return Statement(
        number,
        str(raw.get("Sid", "")),
        raw["Effect"] == "Allow",
        _principals(where, raw.get("Principal", raw.get("NotPrincipal"))),
        "NotPrincipal" in raw,
        _strings(f"{where}, Action", raw.get("Action", raw.get("NotAction"))),
        "NotAction" in raw,
        _conditions(where, raw.get("Condition", {})),
    )


def _principals(where: str, raw: object) -> tuple[tuple[str, str], ...]:
    if raw == "*":
        return (("*", "*"),)
    if not isinstance(raw, Mapping) or not raw:
        raise NotATrustPolicy(f"{where} names no Principal.")
    return tuple((str(kind), value) for kind, values in raw.items() for value in _strings(where, values))


def _conditions(where: str, raw: object) -> tuple[Condition, ...]:
    if not isinstance(raw, Mapping) or not all(isinstance(keys, Mapping) for keys in raw.values()):
        raise NotATrustPolicy(f"{where} has a Condition that cannot be read.")
    return tuple(
        Condition(str(operator), str(key), _values(where, values))
        for operator, keys in raw.items()
        for key, values in keys.items()
    )


def _strings(where: str, raw: object) -> tuple[str, ...]:
    items = raw if isinstance(raw, list) else [raw]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise NotATrustPolicy(f"{where}: expected text, or a list of texts.")
    return tuple(str(item) for item in items)


def _values(where: str, raw: object) -> tuple[str, ...]:
    """Booleans and numbers may stand without quotes."""
    items = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(item, str | int | float) for item in items):
        raise NotATrustPolicy(f"{where} has a Condition with a value that is neither text, number nor truth.")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)
