"""Something that is done again and again, in a thread of its own, until the process ends.

Pauses differ, so that the workers of a fleet that was started together do not wake together.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from app.errors import GatewayError

_LOG = logging.getLogger("fedgate.rounds")


class Repeating:
    """`chance` gives numbers from 0 to 1. `act` looks at `stopping` between two steps of its work. `at_once`: the first
    time is at the start, and not a pause later."""

    def __init__(
        self,
        name: str,
        act: Callable[[], object],
        chance: Callable[[], float],
        pause: timedelta,
        *,
        at_once: bool = False,
    ) -> None:
        self._name = name
        self._act = act
        self._chance = chance
        self._pause = pause
        self._at_once = at_once
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: timedelta = timedelta(seconds=5)) -> None:
        """Wakes the thread and waits for the step that it is in. Safe to call twice, and when it never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience.total_seconds())

    def _run(self) -> None:
        if self._at_once:
            self._once()
        while not self._stopping.wait((0.5 + self._chance()) * self._pause.total_seconds()):
            self._once()

    def _once(self) -> None:
        try:
            self._act()
        except GatewayError as error:
            _LOG.warning("%s: not this time: %s", self._name, error.reason)
        except Exception:
            # Without the thread there would be no more rounds until the next restart, and nobody would know.
            _LOG.exception("%s: a round broke", self._name)
