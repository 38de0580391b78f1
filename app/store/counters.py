"""Limits that all workers share: how often something may happen in a window of time."""

from __future__ import annotations

from datetime import timedelta

from app.core.networks import network_of
from app.errors import TooManyRequests
from app.store.drawers import Drawers
from app.store.sealing import Sealer


class Counters:
    """Without Redis there is no count, and then the answer is StoreUnavailable: a limit must not vanish."""

    def __init__(self, drawers: Drawers, sealer: Sealer) -> None:
        self._drawers = drawers
        self._sealer = sealer

    def spend_of_address(self, what: str, address: str, limit: int, window: timedelta) -> None:
        """`spend`, for whoever is at that address: counted one by one, each machine with IPv6 could begin anew as often
        as it likes, and spend what everybody has."""
        self.spend(what, network_of(address), limit, window)

    def spend(self, what: str, who: str, limit: int, window: timedelta) -> None:
        """Count one more; raises TooManyRequests if that makes more than `limit` since the window began."""
        name = self._sealer.names(f"count:{what}", who)[0]
        if self._drawers.count(name, window) > limit:
            raise TooManyRequests(
                "That was too often in a short time. Wait a minute, then try again.",
                reason=f"limit.{what}",
                retry_after=int(window.total_seconds()),
            )
