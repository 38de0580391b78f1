"""A SAML answer comes by a cross-site POST, to which browsers add no cookies of ours: it waits for its browser.

Asked for here: it waits for the browser that began. Not asked for: the first browser that fetches it is the one, and
the person there says yes or no. The ticket itself stands in an address only, to which our own redirect led.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from app.audit import Audit
from app.errors import SignInRefused
from app.signin.attempts import STALE, From, Here, Refusals, Verified, same_browser
from app.store.shelf import Shelf

_FETCHED_WITHIN = timedelta(seconds=60)
_READ_WITHIN = timedelta(minutes=5)  # a person reads the question


@dataclass(frozen=True, slots=True)
class Tickets:
    shelf: Shelf[Verified]
    audit: Audit

    def issue(self, verified: Verified) -> str:
        ticket = secrets.token_urlsafe(32)
        self.shelf.put(ticket, verified, _FETCHED_WITHIN if verified.asked else _READ_WITHIN)
        return ticket

    def waiting(self, ticket: str) -> Verified | None:
        return self.shelf.get(ticket) if ticket else None

    def redeem(self, ticket: str, here: Here, origin: From) -> Verified:
        """Once, and in its own browser. Raises SignInRefused."""
        verified = self.shelf.take(ticket) if ticket else None
        return self._of_this_browser(verified, here, origin)

    def bind(self, ticket: str, here: Here, origin: From) -> Verified:
        """To this browser, if it is the first that comes. Raises SignInRefused for every other one."""

        def bound(found: Verified) -> Verified | None:
            return None if found.binding else replace(found, binding=here.binding)

        return self._of_this_browser(self.shelf.change(ticket, bound), here, origin)

    def decline(self, ticket: str, here: Here) -> None:
        waiting = self.waiting(ticket)
        if waiting is not None and same_browser(waiting.binding, here.binding):
            self.shelf.take(ticket)

    def _of_this_browser(self, verified: Verified | None, here: Here, origin: From) -> Verified:
        with Refusals(self.audit, "" if verified is None else verified.identity.provider, origin):
            if verified is None:
                raise SignInRefused(STALE, reason="signin.ticket")
            if not same_browser(verified.binding, here.binding):
                raise SignInRefused(STALE, reason="signin.binding")
        return verified
