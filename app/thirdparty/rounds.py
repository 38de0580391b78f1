"""The daily trials: in each worker, of which one at a time makes a round.

The lease is in Redis, so of all workers and replicas one asks AWS and the others sleep on. The trials of all roles
do not fall into one minute either: each is due at another moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.core.roles import Role
from app.ops.repeating import Repeating
from app.store.flight import Flights
from app.thirdparty.gate import ThirdParties, third_party_roles

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
        self._repeating = Repeating("trials of third parties", self.make_one, chance, pause)
        self.start, self.stop = self._repeating.start, self._repeating.stop

    def make_one(self) -> int:
        """How many roles were tried: those that are due, if nobody else is making a round."""
        tried = 0
        with self._flights.lead("thirdparty round") as leads:
            if not leads:
                return 0
            for role in third_party_roles(self._parties.catalog.view()):
                if self._repeating.stopping:
                    break
                tried += self._try_if_due(role)
        return tried

    def _try_if_due(self, role: Role) -> bool:
        record = self._parties.book.of(role.arn)
        if record is not None and not record.is_due_for_a_round(self._parties.clock(), self._chance() * _EARLY):
            return False
        self._parties.prove(role)
        return True
