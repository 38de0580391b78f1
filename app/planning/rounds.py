"""Studying every role of the catalog once a day, so that plans are right before anybody asks for a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.catalog import Catalog
from app.ops.repeating import Repeating
from app.planning.planner import Planner
from app.store.flight import Flights

_PAUSE = timedelta(minutes=2)  # a role that is new in the catalog is studied within minutes


class StudyRounds:
    """Of all workers and replicas, one at a time asks AWS. `chance` gives numbers from 0 to 1."""

    def __init__(
        self,
        planner: Planner,
        catalog: Catalog,
        flights: Flights,
        chance: Callable[[], float],
        pause: timedelta = _PAUSE,
    ) -> None:
        self._planner = planner
        self._catalog = catalog
        self._flights = flights
        self._repeating = Repeating("study of roles", self.make_one, chance, pause)
        self.start, self.stop = self._repeating.start, self._repeating.stop

    def make_one(self) -> None:
        """What is not known of a role, or a day old, is asked; unless somebody else is at it."""
        with self._flights.lead("study round") as leads:
            view = self._catalog.view()
            for role in view.roles.values() if leads else ():
                if self._repeating.stopping:
                    return
                self._planner.study(view.accounts[role.arn.account], role)
