"""Browser sessions. The cookie's value is the document's key on its shelf, so it is also what opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from app.core.identity import Identity
from app.errors import SignInRequired
from app.sessions.live import LiveSession, LiveSessions
from app.sessions.seen import Seen
from app.sessions.session import SECRET_CHARACTERS, Lifetimes, Session, new_handle, new_secret
from app.sessions.upstreams import Upstreams
from app.store.shelf import Shelf

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Why(StrEnum):
    """Why a cookie opens nothing any more. The words are part of addresses (`/signin?ended=idle`)."""

    IDLE = "idle"
    ENDED = "ended"  # by its owner elsewhere, the company, an administrator
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Gone:
    why: Why
    session: Session
    ended: tuple[LiveSession, ...] = ()  # by this very request


class Browsers:
    def __init__(
        self,
        shelf: Shelf[Session],
        live: LiveSessions,
        upstreams: Upstreams,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime],
    ) -> None:
        self._shelf = shelf
        self._live = live
        self._upstreams = upstreams
        self._lifetimes = lifetimes
        self._clock = clock

    def open(
        self, identity: Identity, upstream: Mapping[str, str] = _NOTHING, *, replacing: str = ""
    ) -> tuple[str, Session]:
        """A new session under a new cookie value; never an old one, or a fixed cookie would be worth a sign-in.

        `replacing`: the cookie that the browser came with. Its session ends; if it was the same person's, the new one
        continues its sign-in, so that a later sign-out reaches the terminals which were approved before a step-up.
        Raises SignInRequired where the provider vouches for it no longer.
        """
        now = self._clock()
        old = self.find(replacing)
        same = old if old is not None and old.identity.person == identity.person else None
        end = self._lifetimes.end(identity, now, self._lifetimes.browser)
        if end <= now:
            raise SignInRequired("Your sign-in has become too old for this. Sign in again.", reason="session.ended")
        life = self._lifetimes.browser + self._lifetimes.terminal  # a terminal may be approved at the very end
        secret = self._upstreams.keep(upstream, identity, life, same.upstream if same else "")
        sign_in = same.sign_in if same else new_handle()
        session = Session(identity, now, end, new_handle(), csrf=new_secret(), sign_in=sign_in, upstream=secret)
        cookie = new_secret()
        self._shelf.put(cookie, session, end - now)
        session = self._live.begin(session, self._lifetimes.browser_idle)
        self.end(replacing)
        return cookie, session

    def find(self, cookie: str, *, used: bool = False) -> Session | None:
        """`used`: this is a request of the person, and the session lives on by it."""
        session = self._stored(cookie)
        return None if session is None else self._live.confirm(session, used=used)

    def recognised(self, cookie: str, now: Seen) -> Session | None:
        """As `find`, for pages on which nobody needs to be signed in: a cookie that comes from another browser than
        before tells nothing there. Whoever tries it where it would open something is noticed (`visit`)."""
        session = self.find(cookie)
        return session if session is not None and session.seen.agent in ("", now.agent) else None

    def visit(self, cookie: str, now: Seen) -> Session | Gone | None:
        """As `find`, for a request of the person. Gone: why it is not one, where that can be told.

        A cookie that comes from another browser than before was copied, and nobody knows who of the two is its owner:
        everything that grew from its sign-in ends.
        """
        session = self.find(cookie, used=True)
        if session is None:
            return self._why(cookie)
        if session.seen.agent not in ("", now.agent):
            return Gone(Why.MOVED, session, self.sign_out(cookie))
        return session

    def note(self, cookie: str, now: Seen) -> None:
        """This browser and network belong to the session: the next request is compared with them."""
        self._shelf.change(cookie, lambda doc: replace(doc, seen=doc.seen.together(now)))

    def end(self, cookie: str) -> None:
        """This browser only."""
        session = self._stored(cookie)
        if session is not None:
            self._live.end(session.identity.person, handle=session.handle)
            self._shelf.drop(cookie)

    def sign_out(self, cookie: str) -> tuple[LiveSession, ...]:
        """Everything that grew from the sign-in of this browser; what of it was alive."""
        session = self._stored(cookie)
        if session is None:
            return ()
        ended = self._live.end(session.identity.person, sign_in=session.sign_in)
        self._upstreams.forget(session)
        self._shelf.drop(cookie)
        return ended

    def _why(self, cookie: str) -> Gone | None:
        session = self._stored(cookie)
        if session is None:
            return None
        return Gone(Why.IDLE if self._live.is_idle(session) else Why.ENDED, session)

    def _stored(self, cookie: str) -> Session | None:
        session = self._shelf.get(cookie) if len(cookie) == SECRET_CHARACTERS else None
        return session if session is not None and session.alive(self._clock()) else None
