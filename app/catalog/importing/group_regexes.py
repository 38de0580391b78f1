"""The regular expressions by which AD FS makes a role's ARN of a group's name: `AWS-([\\d]{12})-` and its like.

Only this family is read: text, the account, text, and the role. .NET replaces what it finds and leaves the rest of the
name where it is, so without a part for the role, the rest of the name is the role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = r"(?:[A-Za-z0-9_ @=,-]|\\[ -/:-@\[-`{-~])*"
# `[^d]` is a well-known slip for `[\d]`; either way AWS takes twelve digits and nothing else.
_ACCOUNT = r"\((?:\[\^d\]\{12\}|(?:\[\\d\]|\\d|\[0-9\])(?:\{12\}|\+|\*))\)"
_ROLE = r"\((?:\.|\\w|\[\\w\])[*+]\)"
_SEARCHED = re.compile(
    rf"(?P<fold>\(\?i\))?\^?(?P<before>{_TEXT})"
    rf"(?:(?P<account>{_ACCOUNT})(?P<between>{_TEXT})(?P<role>{_ROLE})?)?(?P<end>\$)?"
)
_MADE = re.compile(
    r"(?P<head>arn:(?:aws|aws-us-gov|aws-cn):iam::)(?P<account>\$1|\$\{1\}|[0-9]{12})"
    r"(?P<path>:role/(?:[A-Za-z0-9_+=.@-]+/)*)(?P<prefix>[A-Za-z0-9_+=.@-]*)(?P<rest>\$2|\$\{2\})?"
)
_NAME = r"[\w+=.@-]+"  # of a role, without the comma that would part the two ARNs of the SAML attribute


@dataclass(frozen=True, slots=True)
class Searched:
    """What is searched for in the group's name; regular expressions, except for `fold` (whatever its case)."""

    before: str
    between: str | None  # between account and role; None: it does not name the account
    rest: str
    fold: bool
    has_role: bool

    def implies(self, asked: Searched) -> bool:
        """Does every name in which this is found also meet the condition `asked`, which ends earlier or with it?"""
        if asked.between is None:
            return self.before.startswith(asked.before)
        return self.between is not None and self.before == asked.before and self.between.startswith(asked.between)


@dataclass(frozen=True, slots=True)
class Naming:
    """Which role a group names."""

    searched: Searched
    head: str
    account: str  # twelve digits; empty: the group's name has them
    path: str
    prefix: str

    @property
    def pattern(self) -> str | None:
        """The same as a `group_pattern`; None if a role is called something else than in the name of its group."""
        if self.account or self.prefix or self.searched.between is None:
            return None
        return rf"{self.searched.before}(?P<account>\d{{12}}){self.searched.between}(?P<role>{self.searched.rest})"

    def role(self, group: str) -> str | None:
        """The ARN of the role that this group names."""
        account = "" if self.searched.between is None else rf"(?P<account>\d{{12}}){self.searched.between}"
        text = f"{self.searched.before}{account}(?P<rest>{self.searched.rest})"
        found = re.fullmatch(text, group, re.ASCII | (re.IGNORECASE if self.searched.fold else re.NOFLAG))
        if found is None:
            return None
        return f"{self.head}{self.account or found['account']}{self.path}{self.prefix}{found['rest']}"


def searched(expression: str) -> Searched | None:
    """None if it is not of the family."""
    found = _SEARCHED.fullmatch(expression)
    if found is None or (found["end"] and not found["role"]):  # then nothing is left that could be the role's name
        return None
    return Searched(
        found["before"],
        found["between"],
        _rest(found["role"] or "", bool(found["end"])),
        fold=found["fold"] is not None,
        has_role=found["role"] is not None,
    )


def naming(expression: str, made: str) -> Naming | None:
    """`made` is the role's half of what replaces the `expression`. None if they are not of the family."""
    found, where = _MADE.fullmatch(made), searched(expression)
    if found is None or where is None:
        return None
    of_the_group = found["account"].startswith("$")
    if where.has_role != (found["rest"] is not None) or of_the_group != (where.between is not None):
        return None
    return Naming(where, found["head"], "" if of_the_group else found["account"], found["path"], found["prefix"])


def _rest(role: str, end: bool) -> str:
    if not role or "." in role:
        return _NAME
    if end:
        return r"\w+"
    return _NAME if role.endswith("*)") else r"\w[\w+=.@-]*"
