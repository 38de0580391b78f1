"""Names inside a template, made from names of IAM, which allow more characters than templates do."""

from __future__ import annotations

import re


class Names:
    """`between` stands where a character had to go. Two names that would fall together are told apart by a number."""

    def __init__(self, between: str) -> None:
        self._between = between
        self._given: dict[tuple[str, str], str] = {}

    def new(self, kind: str, name: str) -> str:
        """The name of a thing that has none yet."""
        plain = re.sub(r"[^A-Za-z0-9]+", self._between, name)
        plain = f"{kind}{self._between}{plain}".strip("_")
        taken = {given.lower() for given in self._given.values()}
        number, found = 2, plain
        while found.lower() in taken:
            number, found = number + 1, f"{plain}{self._between}{number}"
        self._given[kind, name] = found
        return found

    def of(self, kind: str, name: str) -> str:
        """The name that a thing was given."""
        return self._given[kind, name]
