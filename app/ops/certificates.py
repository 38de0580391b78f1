"""Certificates that will end: told in the log, once a day for all workers together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.expiry import Certificate, Urgency

_LOG = logging.getLogger("fedgate.certificates")


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """`first_today` is true for one of all workers and replicas, once a day; it may raise StoreUnavailable."""

    certificates: Callable[[], Sequence[Certificate]]
    first_today: Callable[[], bool]
    clock: Callable[[], datetime]

    def tell(self) -> None:
        now = self.clock()
        ending = [one for one in self.certificates() if one.urgency(now) is not Urgency.NONE]
        if not ending or not self.first_today():
            return
        for one in ending:
            pressing = one.urgency(now) in (Urgency.NOW, Urgency.ENDED)
            _LOG.log(logging.ERROR if pressing else logging.WARNING, "certificate of %s", one.spoken(now))
