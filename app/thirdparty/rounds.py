"""The daily trials: a thread in each worker, of which one at a time makes a round.

The lease is in Redis, so of all workers and replicas one asks AWS and the others sleep on. Pauses differ, so that the
workers of a fleet that was started together do not wake together, nor the trials of all roles fall into one minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from app.core.roles import Role
from app.errors import GatewayError
from app.store.flight import Flights
from app.thirdparty.gate import ThirdParties, third_party_roles

_LOG = logging.getLogger("fedgate.thirdparty")
_PAUSE = timedelta(minutes=10)
_EARLY = timedelta(hours=2)


class Rounds:
    """`chance` gives numbers from 0 to 1."""

    def __init__(
        self, parties: ThirdParties, flights: Flights, chance: Callable[[], float], pause: timedelta = _PAUSE
    ) -> None:
        self._parties = parties
        self._flights = flights
        self._chance = chance
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="thirdparty-rounds", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: timedelta = timedelta(seconds=5)) -> None:
        """Wakes the thread and waits for the trial that it is in. Safe to call twice, and when it never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience.total_seconds())

    def make_one(self) -> int:
        """How many roles were tried: those that are due, if nobody else is making a round."""
        tried = 0
        with self._flights.lead("thirdparty round") as leads:
            if not leads:
                return 0
            for role in third_party_roles(self._parties.catalog.view()):
                if self._stopping.is_set():
                    break
                tried += self._try_if_due(role)
        return tried

    def _try_if_due(self, role: Role) -> bool:
        record = self._parties.book.of(role.arn)
        if record is not None and not record.is_due_for_a_round(self._parties.clock(), self._chance() * _EARLY):
            return False
        self._parties.prove(role)
        return True

    def _run(self) -> None:
        while not self._stopping.wait((0.5 + self._chance()) * self._pause.total_seconds()):
            try:
                self.make_one()
            except GatewayError as error:
                _LOG.warning("no round of third party trials: %s", error.reason)
            except Exception:
                # Without the thread there would be no rounds until the next restart, and nobody would know.
                _LOG.exception("a round of third party trials broke")
