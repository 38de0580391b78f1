"""Claim rules of AD FS, as far as they can be read: one claim that is asked about, and what is issued for it.

    @RuleName = "Roles"
    c:[Type == "http://temp/variable", Value =~ "(?i)^AWS-([\\d]{12})-"]
     => issue(Type = "https://aws.amazon.com/SAML/Attributes/Role", Value = RegExReplace(c.Value, "...", "..."));

Source: Microsoft Learn, "The Role of the Claim Rule Language". Strings are taken out first, so that nothing inside one
is ever read as language; there is no escape in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.errors import ConfigurationProblems

_STRING = '"'  # where one was, in the bones of a rule
_RULE = re.compile(
    r'(?P<head>(?:@\w+=")*)(?:(?P<claim>\w+):)?\[(?P<asked>[^\[\]]*)\]=>issue\((?P<given>.*)\)', re.IGNORECASE
)
_ASKED = re.compile(r'(?P<name>\w+)(?P<sign>==|=~|!=|!~)"')
_GIVEN = re.compile(r'(?P<name>\w+)=(?P<value>"|\w+\.\w+|RegExReplace\((?P<claim>\w+)\.Value,","\))', re.IGNORECASE)
_HEAD = re.compile(r'@(\w+)="')


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule, up to its semicolon: `bones` without white space and with `"` for each of the `strings`."""

    line: int
    bones: str
    strings: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its author called it."""
        names = [name.lower() for name in _HEAD.findall(self.bones)]
        return self.strings[names.index("rulename")] if "rulename" in names else ""


@dataclass(frozen=True, slots=True)
class Issuing:
    """Whoever has a claim `asked` (name, sign, value) is issued `given` (name, and a text or a replacement)."""

    asked: tuple[tuple[str, str, str], ...]
    given: tuple[tuple[str, str | tuple[str, str]], ...]

    def ask(self, name: str) -> tuple[str, str]:
        """Sign and value of what is asked about `name`; empty if nothing is."""
        return next(((sign, value) for asked, sign, value in self.asked if asked == name), ("", ""))

    def give(self, name: str) -> str | tuple[str, str]:
        return next((value for given, value in self.given if given == name), "")


def statements(text: str) -> Iterator[Statement]:
    """Raises ConfigurationProblems if strings are not closed."""
    pieces = text.split('"')
    if len(pieces) % 2 == 0:
        raise ConfigurationProblems(["the file: a quotation mark is not closed"])
    line = begun = 1
    bones: list[str] = []
    strings: list[str] = []
    for position, piece in enumerate(pieces):
        for number, part in enumerate([piece] if position % 2 else piece.split(";")):
            if number:
                if bones:
                    yield Statement(begun, "".join(bones), tuple(strings))
                bones, strings = [], []
            bare = _STRING if position % 2 else "".join(part.split())
            if bare and not bones:
                begun = line + part[: len(part) - len(part.lstrip())].count("\n")
            if position % 2:
                strings.append(part)
            if bare:
                bones.append(bare)
            line += part.count("\n")
    if bones:
        yield Statement(begun, "".join(bones), tuple(strings))


def understood(statement: Statement) -> Issuing | None:
    """None if it is anything but one claim that leads to one issue: more conditions, stores, queries, functions."""
    found = _RULE.fullmatch(statement.bones)
    if found is None:
        return None
    strings = iter(statement.strings[found["head"].count(_STRING) :])
    asked = _all(_ASKED, found["asked"])
    given = _all(_GIVEN, found["given"])
    if asked is None or given is None or any(one["claim"] not in (None, found["claim"]) for one in given):
        return None
    return Issuing(
        tuple((one["name"].lower(), one["sign"], next(strings)) for one in asked),
        tuple((one["name"].lower(), _value(one, strings)) for one in given),
    )


def _all(part: re.Pattern[str], text: str) -> Sequence[re.Match[str]] | None:
    """The parts between commas; None if there is anything else."""
    found = list(part.finditer(text))
    return found if found and ",".join(one[0] for one in found) == text else None


def _value(one: re.Match[str], strings: Iterator[str]) -> str | tuple[str, str]:
    if one["claim"]:
        return next(strings), next(strings)
    return next(strings) if one["value"] == _STRING else one["value"]
