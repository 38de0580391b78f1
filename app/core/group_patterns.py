"""Patterns over group names: a part of regular expressions that is quick to match, whatever the group is called.

Groups get their names from people whom nobody here knows, and a general expression can be made to run for years
by a name of thirty characters (OWASP, "Regular expression Denial of Service"). So the only groups are the two
named ones, nothing repeated can be repeated again, and the ways in which a name could match are counted
beforehand. What is left is plain text, `.`, `\\d`, `\\w`, `[...]`, `|` inside the named parts, and repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

_LONGEST_GROUP = 256  # characters; providers take no longer ones either
_LONGEST_PATTERN = 200
_MOST_WAYS = 4 * _LONGEST_GROUP**2  # two of `*` and `+`, and a little: a few milliseconds at the worst

_PIECE = r"(?:[^\\.^$*+?{}()\[\]|]|\.|\\[dw]|\\[^A-Za-z0-9]|\[\^?(?:[^\\\[\]^]|\\[dw]|\\[^A-Za-z0-9])+\])"
_REPEAT = r"(?:[?*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})"
_PIECES = f"(?:{_PIECE}{_REPEAT}?)+"
_NAMED = rf"\(\?P<(?:account|role)>{_PIECES}(?:\|{_PIECES})*\)"
# One piece at a time: with `_PIECES`, a repeat inside a repeat, a typo of twenty letters took half a minute to refuse.
_QUICK = re.compile(f"(?:{_PIECE}{_REPEAT}?|{_NAMED})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class GroupPattern:
    """`aws-(?P<account>\\d{12})-(?P<role>\\w+)`: must match a whole group name and name both parts.

    It gives the role of the catalog with that account and that name (without path), and no other.
    """

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST_PATTERN:
            raise ValueError(f"expected at most {_LONGEST_PATTERN} characters")
        try:
            names = re.compile(self.text, re.ASCII).groupindex
        except (re.error, ValueError, OverflowError) as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if set(names) != {"account", "role"}:
            raise ValueError("expected exactly the named parts (?P<account>...) and (?P<role>...)")
        if not _QUICK.fullmatch(self.text):
            raise ValueError(
                r"expected only text, `.`, \d, \w, [...], repeats, and `|` within the two named parts; no other "
                "groups, and no ^ or $: the pattern matches the whole name anyway"
            )
        if prod(_ways(self.text)) > _MOST_WAYS:
            raise ValueError("could take too long to match; expected at most two of * and +, and few other choices")

    def named_role(self, group: str) -> tuple[str, str] | None:
        """(account id, role name) that this group names, or None."""
        found = re.fullmatch(self.text, group, re.ASCII) if len(group) <= _LONGEST_GROUP else None
        return (found["account"], found["role"]) if found else None

    def names(self, group: str, account: str, role: str) -> bool:
        """Does this group name this role? Looks first whether it could: a person may have a thousand groups."""
        return account in group and role in group and self.named_role(group) == (account, role)


def _ways(pattern: str) -> Iterator[int]:
    """In how many ways each repeat and each choice can match; the product bounds the steps of a failing match."""
    for found in re.finditer(f"{_PIECE}({_REPEAT})?", pattern, re.ASCII):
        yield _widths(found[1] or "")
    without_pieces = re.sub(f"{_PIECE}{_REPEAT}?", "", pattern, flags=re.ASCII)
    for part in without_pieces.split(")"):
        yield 1 + part.count("|")


def _widths(repeat: str) -> int:
    if not repeat:
        return 1
    if repeat in "*+":
        return _LONGEST_GROUP
    least, comma, most = repeat.strip("{}").partition(",") if repeat != "?" else ("0", ",", "1")
    if not comma:
        return 1
    # Never less than one: `{300,999}` counted below nothing would make any number of other choices look like few.
    return max(1, min(int(most), _LONGEST_GROUP) - int(least) + 1) if most else _LONGEST_GROUP
