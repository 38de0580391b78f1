"""Sign-in tokens and console sessions, in memory: both are gone after a restart, like a signed-out browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.local.aws.console.destination import Destination
from app.local.aws.session import Session

LOGIN_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a sign-in token stands for. `lasts` is SessionDuration, if it was given."""

    session: Session
    made_at: datetime
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in the console. `issuer` is the page to go back to, or empty."""

    session: Session
    ends_at: datetime
    issuer: str
    destination: Destination


@dataclass(slots=True)
class Tickets:
    """`new_secret` makes unguessable names."""

    new_secret: Callable[[], str]
    _tickets: dict[str, Ticket] = field(default_factory=dict, repr=False)
    _visitors: dict[str, Visitor] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sell(self, ticket: Ticket) -> str:
        name = self.new_secret()
        with self._lock:
            ended = [n for n, t in self._tickets.items() if ticket.made_at - t.made_at > 2 * LOGIN_WITHIN]
            for old in ended:
                del self._tickets[old]
            self._tickets[name] = ticket
        return name

    def ticket(self, name: str, now: datetime) -> Ticket | None:
        """Good for fifteen minutes, as often as one likes (AWS does not say that it is single-use)."""
        found = self._tickets.get(name)
        return found if found is not None and now - found.made_at <= LOGIN_WITHIN else None

    def admit(self, visitor: Visitor) -> str:
        name = self.new_secret()
        with self._lock:
            self._visitors[name] = visitor
        return name

    def visitor(self, name: str) -> Visitor | None:
        return self._visitors.get(name)

    def leave(self, name: str) -> Visitor | None:
        with self._lock:
            return self._visitors.pop(name, None)
