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
    clock_offset_seconds: float = 0
    latency_ms: Mapping[str, int] = field(default_factory=dict)  # by action; "*" for all others
    throttle_every: int = 0  # every n-th call of STS or IAM is answered with Throttling; 0: never
    disabled_regions: tuple[str, ...] = ()  # STS is switched off there; "*" also catches unsigned calls
    propagation_seconds: float = 0  # how long a policy change takes to hold (AWS: "a few minutes" can pass)
    max_token_age_seconds: int = 86_400  # behind "Token too old"; AWS's value is unknown
    session_token_bytes: int = 400  # AWS: the size is not fixed
    packed_budget_bytes: int = 459  # see policy/packing.py

    @property
    def clock_offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds)

    def turned(self, wanted: Mapping[str, Any]) -> Knobs:
        """Raises ValueError with the name of a knob that does not exist or does not fit."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"no such knob: {name}")
            if not _fits(known[name], value):
                raise ValueError(f"knob {name}: expected something like {known[name]!r}")
        lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in wanted.items()}
        return replace(self, **lists)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _fits(now: object, wanted: object) -> bool:
    match now:
        case int() | float():
            return isinstance(wanted, int | float) and not isinstance(wanted, bool)
        case tuple():
            return isinstance(wanted, list | tuple) and all(isinstance(item, str) for item in wanted)
        case _:
            return isinstance(wanted, Mapping) and all(isinstance(v, int) for v in wanted.values())


@dataclass(slots=True)
class Panel:
    """The knobs as they stand, and the count of calls for the throttle."""

    knobs: Knobs = field(default_factory=Knobs)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, wanted: Mapping[str, Any]) -> Knobs:
        with self._lock:
            self.knobs = self.knobs.turned(wanted)
            self._count = 0
            return self.knobs

    def throttled(self) -> bool:
        with self._lock:
            self._count += 1
            return self.knobs.throttle_every > 0 and self._count % self.knobs.throttle_every == 0
