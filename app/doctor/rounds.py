"""The daily look at every role that the gateway may look at. Of all workers and replicas, one at a time asks IAM."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.core.roles import Role
from app.doctor.ward import Ward
from app.ops.repeating import Repeating
from app.store.flight import Flights

_PAUSE = timedelta(minutes=5)  # a role that is new in the catalog, or another one since, is seen within minutes


class WardRounds:
    """`chance` gives numbers from 0 to 1."""

    def __init__(self, ward: Ward, flights: Flights, chance: Callable[[], float], pause: timedelta = _PAUSE) -> None:
        self._ward = ward
        self._flights = flights
        self._repeating = Repeating("looks at trust policies", self.make_one, chance, pause)
        self.start, self.stop = self._repeating.start, self._repeating.stop

    def make_one(self) -> int:
        """How many roles were looked at: those that are due, if nobody else is making a round."""
        looked = 0
        with self._flights.lead("doctor round") as leads:
            if not leads:
                return 0
            for _ in self._ward.look_at(self._due()):
                looked += 1
                if self._repeating.stopping:
                    break
        return looked

    def _due(self) -> list[Role]:
        lines = self._ward.lines()
        return [
            role for arn, role in self._ward.catalog.view().roles.items() if self._ward.is_due(role, lines.get(arn))
        ]
