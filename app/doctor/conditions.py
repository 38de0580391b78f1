"""Does a condition hold for a call? Written for the operators and keys that trust policies use; what is not known here
is `cannot tell`.

An absent key fails every positive operator, satisfies every negated one, `...IfExists` and `ForAllValues` (IAM User
Guide, "Condition operators", "Single-valued vs. multivalued context keys").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from app.doctor.comparing import OPERATORS, compare
from app.doctor.policies import Condition
from app.doctor.truth import Truth, every, known, opposite, some

_NEGATED = MappingProxyType(
    {
        "StringNotEquals": "StringEquals",
        "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
        "StringNotLike": "StringLike",
        "NumericNotEquals": "NumericEquals",
        "DateNotEquals": "DateEquals",
        "NotIpAddress": "IpAddress",
        "ArnNotEquals": "ArnEquals",
        "ArnNotLike": "ArnLike",
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the call certainly says under a key; no values: it certainly says nothing there."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differs:
    """It says something, and that depends on the person. `shape`: a regular expression that all of them match."""

    shape: str = r".{2,}"
    tail: str = ""  # the class of characters that the last sixteen of them are of, such as `[a-z2-7]`


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can know beforehand, or this program does not."""


Said: TypeAlias = Known | Differs | Unclear
Saying: TypeAlias = Callable[[str], Said]  # given a key in lower case
NOTHING = Known()
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def holds(condition: Condition, saying: Saying, variables: bool) -> Truth:
    said, plain = saying(condition.key.lower()), condition.plain
    if not condition.is_written_known or isinstance(said, Unclear):
        return Truth.UNCLEAR
    present = said != NOTHING
    if plain == "Null":
        return _null(condition, present)
    if _NEGATED.get(plain, plain) not in OPERATORS:
        return Truth.UNCLEAR
    if not present:
        negated = plain in _NEGATED and condition.quantifier != "ForAnyValue"
        return known(condition.if_exists or negated or condition.quantifier == "ForAllValues")
    wanted = [_filled(value, saying) if variables else value for value in condition.values]
    if isinstance(said, Differs):
        return _one(plain, wanted, lambda text: _fits(_NEGATED.get(plain, plain), text, said))
    answers = [_one(plain, wanted, _against(plain, value)) for value in said.values]
    if condition.quantifier == "ForAllValues" or condition.quantifier == "" and plain in _NEGATED:
        return every(answers)
    return some(answers)


def is_all_stars(text: str) -> bool:
    return bool(text) and set(text) <= {"*"}


def _against(plain: str, value: str) -> Callable[[str], Truth]:
    return lambda text: compare(_NEGATED.get(plain, plain), text, value)


def _one(plain: str, wanted: list[str | None], test: Callable[[str], Truth]) -> Truth:
    """One value of the request against all values of the policy: any for positive, none for negated operators."""
    found = some(Truth.UNCLEAR if text is None else test(text) for text in wanted)
    return opposite(found) if plain in _NEGATED else found


def _null(condition: Condition, present: bool) -> Truth:
    if condition.quantifier or condition.if_exists or not set(condition.values) <= {"true", "false"}:
        return Truth.UNCLEAR
    return known(all((wanted == "true") is not present for wanted in condition.values))


def _fits(operator: str, wanted: str, said: Differs) -> Truth:
    """No where nobody's value can be the wanted one; yes where everybody's is."""
    match operator:
        case "StringEquals":
            return Truth.UNCLEAR if re.fullmatch(said.shape, wanted) else Truth.NO
        case "StringLike" if is_all_stars(wanted):
            return Truth.YES
        case "StringLike":
            end = re.split(r"[*?]", wanted)[-1][-16:]
            impossible = said.tail and not re.fullmatch(f"{said.tail}*", end)
            if not re.search(r"[*?]", wanted):
                impossible = not re.fullmatch(said.shape, wanted)
            return Truth.NO if impossible else Truth.UNCLEAR
        case _:
            return Truth.UNCLEAR


def _filled(text: str, saying: Saying) -> str | None:
    """The policy's value with its variables. None if one of them has no single known value.

    A wildcard that comes in by a variable is a plain character, which this does not model: then it cannot tell.
    """
    unclear = False

    def value(found: re.Match[str]) -> str:
        nonlocal unclear
        name, _, default = found[1].partition(",")
        said = saying(name.strip().lower())
        match said:
            case Known(values=(one,)) if not set(one) & set("*?"):
                return one
            case Known(values=()) if default.strip():
                return default.strip().strip("'")
            case Known(values=()):
                return "\0"  # matches nothing: no value of a request holds it
            case _:
                unclear = True
                return ""

    filled = _VARIABLE.sub(value, text)
    return None if unclear else filled
