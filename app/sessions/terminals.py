"""Terminal sessions: opaque tokens, kept only under their HMAC, rotated at each refresh (RFC 9700 section 4.14).

open ──► access token (an hour) + refresh token
refresh ──► a new pair; the old refresh token remembers its successor
    again within GRACE: the same successor. Parallel processes all read one token file, and a lost
    answer must not cost a sign-in.
    again after GRACE: somebody has a copy. The whole terminal session ends.
    groups that are no longer young: the provider is asked for today's (`upstreams.py`)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.identity import Identity
from app.errors import SignInRequired
from app.sessions.live import LiveSession, LiveSessions
from app.sessions.session import FEDGATE, Lifetimes, Session, new_handle, new_secret
from app.sessions.upstreams import Over, Upstreams
from app.store.shelf import Shelf

ACCESS_TOKEN_LIFE = timedelta(hours=1)
GRACE = timedelta(seconds=60)
_ENDED = "This terminal's sign-in has ended. Run: fedgate login"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the terminal holds. Lifetimes in seconds, as RFC 6749 section 5.1 gives them."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A stored document: which terminal session this token belongs to."""

    terminal: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A stored document. The successor can be read only by who holds this token (`store.sealing`)."""

    terminal: str = field(repr=False)
    successor: Tokens | None = field(default=None, repr=False)
    rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reused:
    """A refresh token came back after its grace: the session of its terminal has been ended."""

    session: Session


@dataclass(frozen=True, slots=True)
class Foreign:
    """The refresh token was given to another program. Nothing of its session has changed."""

    session: Session


@dataclass(frozen=True, slots=True)
class Ended:
    """The provider says that the sign-in is over: everything that grew from it has been ended. `reason`: for the
    audit; `ended`: empty for all but the first who hears it."""

    session: Session
    reason: str
    ended: tuple[LiveSession, ...]


class Terminals:
    def __init__(
        self,
        sessions: Shelf[Session],
        access: Shelf[AccessToken],
        refresh: Shelf[RefreshToken],
        live: LiveSessions,
        upstreams: Upstreams,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._access = access
        self._refresh = refresh
        self._live = live
        self._upstreams = upstreams
        self._lifetimes = lifetimes
        self._clock = clock

    def open(
        self, identity: Identity, device: str, *, parent: Session, client: str = FEDGATE
    ) -> tuple[Tokens, Session]:
        """`parent`: the browser session in which it was approved. Raises SignInRequired if that sign-in has ended
        meanwhile, or its groups grew too old."""
        now = self._clock()
        end = self.end(identity)
        if end <= now:
            raise SignInRequired("Your sign-in has become too old for this. Sign in again.", reason="session.ended")
        session = Session(
            identity,
            now,
            end,
            new_handle(),
            device=device,
            client=client,
            sign_in=parent.sign_in,
            upstream=parent.upstream,
        )
        session = self._live.begin(session, self._lifetimes.terminal_idle, grown=True)
        terminal = new_secret()
        self._sessions.put(terminal, session, end - now)
        return self._tokens(terminal, session), session

    def end(self, identity: Identity) -> datetime:
        """When a session that is opened now would end."""
        return self._lifetimes.end(identity, self._clock(), self._lifetimes.terminal)

    def find(self, access_token: str) -> Session | None:
        token = self._access.get(access_token) if access_token else None
        return None if token is None else self._session(token.terminal)

    def refresh(self, refresh_token: str, client: str = FEDGATE) -> Tokens | Reused | Ended | Foreign:
        """`client`: which program asks. Raises SignInRequired if the token is unknown or its session has ended."""
        token = self._refresh.get(refresh_token)
        session = None if token is None else self._session(token.terminal)
        if token is None or session is None:
            raise SignInRequired(_ENDED, reason="terminal.ended")
        if session.client != client:
            return Foreign(session)
        if token.successor is None:
            renewed = self._renewed(token.terminal, session)
            if isinstance(renewed, Ended):
                return renewed
            token = self._rotate(refresh_token, self._tokens(token.terminal, renewed))
        if token.successor is None or token.rotated_at is None:
            raise SignInRequired(_ENDED, reason="terminal.ended")
        if self._clock() - token.rotated_at > GRACE:
            self._end(token.terminal, session)
            return Reused(session)
        return token.successor

    def revoke(self, token: str, client: str = "") -> Session | Foreign | None:
        """End the session that an access or refresh token belongs to (RFC 7009). None if it is unknown. `client`: which
        program asks, where it is one and not ourselves."""
        found = self._access.get(token) or self._refresh.get(token)
        session = None if found is None else self._session(found.terminal)
        if found is None or session is None:
            return None
        if client and session.client != client:
            return Foreign(session)
        self._end(found.terminal, session)
        return session

    def _end(self, terminal: str, session: Session) -> None:
        self._live.end(session.identity.person, handle=session.handle)
        self._sessions.drop(terminal)

    def _session(self, terminal: str) -> Session | None:
        session = self._sessions.get(terminal)
        return self._live.confirm(session) if session is not None and session.alive(self._clock()) else None

    def _renewed(self, terminal: str, session: Session) -> Session | Ended:
        """It was used now, and its groups are as young as they can be had. What it may live in all stays."""
        answer = self._upstreams.renewed(session, self._lifetimes.group_refresh)
        if isinstance(answer, Over):
            ended = self._live.end(session.identity.person, sign_in=session.sign_in)
            self._sessions.drop(terminal)
            return Ended(session, answer.reason, ended)
        end = self._lifetimes.end(answer, session.opened_at, self._lifetimes.terminal)
        fresh = replace(session, identity=answer, expires_at=end)
        if not self._live.prolong(fresh):  # a sign-out, while the provider was being asked
            raise SignInRequired(_ENDED, reason="terminal.ended")
        if fresh != session:
            self._sessions.change(terminal, lambda _old: fresh, end - self._clock())
        return fresh

    def _tokens(self, terminal: str, session: Session) -> Tokens:
        left = session.expires_at - self._clock()
        idle = min(left, self._lifetimes.terminal_idle)
        access = min(idle, ACCESS_TOKEN_LIFE)
        tokens = Tokens(new_secret(), new_secret(), int(access.total_seconds()), int(idle.total_seconds()))
        self._access.put(tokens.access_token, AccessToken(terminal), access)
        self._refresh.put(tokens.refresh_token, RefreshToken(terminal), idle)
        return tokens

    def _rotate(self, refresh_token: str, fresh: Tokens) -> RefreshToken:
        """Of several at the same time, one sets the successor; the others are answered with that one."""
        now = self._clock()

        def alter(token: RefreshToken) -> RefreshToken | None:
            return None if token.successor else replace(token, successor=fresh, rotated_at=now)

        token = self._refresh.change(refresh_token, alter)
        if token is None or token.successor != fresh:
            self._access.drop(fresh.access_token)
            self._refresh.drop(fresh.refresh_token)
        return token or RefreshToken("")
