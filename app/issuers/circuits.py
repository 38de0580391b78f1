"""Which regions are worth asking: after a few failures in a row, one is left alone for some seconds.

    closed ── three failures in a row ──► open ── ten seconds ──► one caller may try ── it works ──► closed

Without this, every one of a few hundred people would first wait for a dead region before trying the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 3  # in a row
REST = 10.0  # seconds


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    rests_until: float = 0.0


class Circuits:
    """By name, say `sts eu-west-1`. Of this process alone: another replica may see the region well."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._circuits: dict[str, _Circuit] = {}

    def may_ask(self, name: str) -> bool:
        """Whoever is told yes while the circuit is open is the one who tries; the others wait for how it ends."""
        with self._lock:
            circuit = self._circuits.setdefault(name, _Circuit())
            if circuit.failures < FAILURES:
                return True
            if self._clock() < circuit.rests_until:
                return False
            circuit.rests_until = self._clock() + REST
            return True

    def is_doubtful(self, name: str) -> bool:
        """Whether it failed somebody within the last seconds, and has not answered since."""
        with self._lock:
            circuit = self._circuits.get(name, _Circuit())
            return circuit.failures > 0 and self._clock() < circuit.rests_until

    def answered(self, name: str) -> None:
        """A refusal is an answer too."""
        with self._lock:
            self._circuits[name] = _Circuit()

    def failed(self, name: str) -> None:
        with self._lock:
            circuit = self._circuits.setdefault(name, _Circuit())
            circuit.failures += 1
            circuit.rests_until = self._clock() + REST
