"""What a request shows of the browser that it comes from, so that a copied cookie is noticed.

The browser's name without its numbers: a browser that updates itself in the middle of the day stays the same, while a
cookie that changes from Firefox on Linux to Chrome on Windows was copied. A thief can imitate the name; this costs him
the knowledge of it, and us nothing.

The network of its address: people carry their laptops from one to another, so a new one is only written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.core.networks import network_of

_NUMBERS = re.compile(r"[0-9][0-9._]*", re.ASCII)
_LONGEST = 160  # characters
_MOST_NETWORKS = 8


@dataclass(frozen=True, slots=True)
class Seen:
    agent: str = ""  # empty: no request yet
    networks: tuple[str, ...] = ()  # newest last

    @classmethod
    def of(cls, agent: str, address: str) -> Seen:
        return cls(_NUMBERS.sub("", agent)[:_LONGEST] or "-", (network_of(address),))

    def together(self, now: Seen) -> Seen:
        fresh = tuple(one for one in now.networks if one not in self.networks)
        return replace(now, networks=(*self.networks, *fresh)[-_MOST_NETWORKS:])
