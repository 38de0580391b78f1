"""Studying every role of the catalog once a day, so that plans are right before anybody asks for a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from app.catalog import Catalog
from app.core.decisions import CatalogView
from app.core.roles import Account, AccountId, Role
from app.errors import AwsUnavailable
from app.ops.repeating import Repeating
from app.planning.planner import Planner
from app.store.flight import Flights

_LOG = logging.getLogger("fedgate.planning")
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
            if leads:
                self._study(self._catalog.view())

    def _study(self, view: CatalogView) -> None:
        of_account: dict[AccountId, list[Role]] = {}
        for role in view.roles.values():
            of_account.setdefault(role.arn.account, []).append(role)
        for account, roles in of_account.items():
            if self._repeating.stopping:
                return
            self._study_account(view.accounts[account], roles)

    def _study_account(self, account: Account, roles: Sequence[Role]) -> None:
        """Until AWS does not answer: the account's other roles would only wait too."""
        try:
            for role in self._planner.due(account, roles):
                if self._repeating.stopping:
                    return
                self._planner.study(account, role)
        except AwsUnavailable as error:
            _LOG.info("roles of %s are studied later: %s", account.id, error.reason)
