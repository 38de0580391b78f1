"""Browser sessions. The cookie's value is the document's key on its shelf, so it is also what opens it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.core.identity import Identity
from app.sessions.session import SECRET_CHARACTERS, Lifetimes, Session, new_handle, new_secret
from app.store.shelf import Shelf


class Browsers:
    def __init__(self, shelf: Shelf[Session], lifetimes: Lifetimes, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._lifetimes = lifetimes
        self._clock = clock

    def open(self, identity: Identity) -> tuple[str, Session]:
        """A new session under a new cookie value; never an old one, or a fixed cookie would be worth a sign-in."""
        now = self._clock()
        end = self._lifetimes.end(identity, now, self._lifetimes.browser)
        session = Session(identity, now, end, new_handle(), csrf=new_secret())
        cookie = new_secret()
        self._shelf.put(cookie, session, end - now)
        return cookie, session

    def find(self, cookie: str) -> Session | None:
        session = self._shelf.get(cookie) if _possible(cookie) else None
        return session if session is not None and session.alive(self._clock()) else None

    def end(self, cookie: str) -> None:
        if _possible(cookie):
            self._shelf.drop(cookie)


def _possible(cookie: str) -> bool:
    return len(cookie) == SECRET_CHARACTERS
