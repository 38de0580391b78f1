"""Differences, a few hundred at a time: the first import of a company has ten thousand, and whoever approves it must be
able to see every one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.admin.catalog.asked import asked_number
from app.admin.catalog.words import Told, told
from app.catalog.differences import Difference

ON_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Leaf:
    """`told` of `total`; `number` begins with 1. `path` and `asked` are of the page that they stand on."""

    told: Sequence[Told]
    total: int
    number: int
    path: str
    asked: Mapping[str, int]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ON_A_PAGE))

    def link(self, number: int) -> str:
        return f"{self.path}?{urlencode({**self.asked, 'page': number})}#differences"


def leaf(found: Sequence[Difference], path: str, **asked: int) -> Leaf:
    """The one that `?page=` of the request says."""
    number = min(max(asked_number("page", 1) or 1, 1), max(1, -(-len(found) // ON_A_PAGE)))
    shown = found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    return Leaf([told(one) for one in shown], len(found), number, path, asked)
