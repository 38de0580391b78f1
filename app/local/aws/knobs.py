"""What a test may turn: the clock, delays, failures, and limits that AWS does not publish.

A knob never makes AWS's rules laxer; it moves time, makes things fail, or sets a limit that is unknown.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Knobs:
    """`..._every` counts calls: a number counts all of them together, a map counts by service (`sts`) or action
    (`AssumeRole`), each on its own, `*` being all. 0 is never.
    """

    clock_offset_seconds: float = 0
    latency_ms: Mapping[str, int] = field(default_factory=dict)  # by action; "*" for all others
    throttle_every: int | Mapping[str, int] = 0  # every n-th call is answered with Throttling
    fail_every: int | Mapping[str, int] = 0  # every n-th call fails, with 500 and 503 in turn
    disabled_regions: tuple[str, ...] = ()  # STS is switched off there; "*" also catches unsigned calls
    dead_regions: tuple[str, ...] = ()  # the connection is taken and closed without an answer
    slow_regions: Mapping[str, int] = field(default_factory=dict)  # milliseconds before each answer
    hanging_regions: tuple[str, ...] = ()  # the connection is taken and nothing ever comes
    propagation_seconds: float = 0  # how long a policy change takes to hold (AWS: "a few minutes" can pass)
    max_token_age_seconds: int = 86_400  # behind "Token too old"; AWS's value is unknown
    session_token_bytes: int = 400  # AWS: the size is not fixed
    packed_budget_bytes: int = 459  # see policy/packing.py
    serialized_limit_bytes: int = 0  # behind "Serialized token too large for session"; 0: none

    @property
    def clock_offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds)

    def turned(self, wanted: Mapping[str, Any]) -> Knobs:
        """Raises ValueError with the name of a knob that does not exist or does not fit."""
        known = {f.name for f in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"no such knob: {name}")
            usual = getattr(_USUAL, name)
            if not (_fits(usual, value) or name in _COUNTED and _fits({}, value)):
                raise ValueError(f"knob {name}: expected something like {usual!r}")
        lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in wanted.items()}
        return replace(self, **lists)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_USUAL = Knobs()
_COUNTED = frozenset({"throttle_every", "fail_every"})


def _fits(usual: object, wanted: object) -> bool:
    match usual:
        case int() | float():
            return isinstance(wanted, int | float) and not isinstance(wanted, bool)
        case tuple():
            return isinstance(wanted, list | tuple) and all(isinstance(item, str) for item in wanted)
        case _:
            return isinstance(wanted, Mapping) and all(type(v) is int for v in wanted.values())


@dataclass(slots=True)
class Panel:
    """The knobs as they stand, and the counters behind `..._every`. A turn of any knob starts them anew.

    Counting is one step under a lock: of N calls exactly N // n are hit, however many come at once.
    """

    knobs: Knobs = field(default_factory=Knobs)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, wanted: Mapping[str, Any]) -> Knobs:
        with self._lock:
            self.knobs = self.knobs.turned(wanted)
            self._counts.clear()
            return self.knobs

    def throttled(self, service: str, action: str) -> bool:
        return self._hit("throttle", self.knobs.throttle_every, service, action) > 0

    def failure(self, service: str, action: str) -> int:
        """500, 503, 500, ... for the calls that are to fail; 0 for the others."""
        turn = self._hit("fail", self.knobs.fail_every, service, action)
        return 0 if turn == 0 else 500 if turn % 2 else 503

    def _hit(self, what: str, every: int | Mapping[str, int], service: str, action: str) -> int:
        """Which hit this is, counted from 1, or 0 for none."""
        wanted = every if isinstance(every, Mapping) else {"*": every}
        turns = [self._turn(what, name, wanted.get(name, 0)) for name in ("*", service, action)]
        return max(turns)

    def _turn(self, what: str, name: str, every: int) -> int:
        if every <= 0:
            return 0
        with self._lock:
            count = self._counts[what, name] = self._counts.get((what, name), 0) + 1
        return count // every if count % every == 0 else 0
