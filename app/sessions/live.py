"""What is alive: one document for each person, in which every browser and every terminal of theirs stands.

A session is alive only while its handle stands there. So a sign-in can be ended without its cookie or tokens, which
nobody but their owner has, and deleting keys in Redis can only ever end something.

`epoch` is new at every end and part of the name under which credentials are kept (`issuance.orders.cache_key`): what
was kept before is never found again.

An old copy of the document, put back by somebody who can write to Redis, would make ended sessions stand again for
whoever still has their cookie. `version` only grows, and each worker remembers the newest that it has seen: an older
one is noticed, told to `put_back`, and everything of that person ends, for all workers. What remains: a worker that has
seen none newer (it was started since, or nobody asked it about that person) believes the old copy, until another
worker is asked or the sessions in it reach their own `expires_at`. That takes both: writing to Redis, and the cookie.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.core.identity import Person
from app.errors import SignInRequired, StoreUnavailable
from app.sessions.session import Session, new_handle
from app.sessions.versions import Versions
from app.store.shelf import Shelf

_USE_IS_WRITTEN = timedelta(minutes=1)  # at most once in it: a write for each request would be one too many
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class LiveSession:
    """Of one browser or terminal, what may be shown to its owner and to administrators. No network address."""

    handle: str
    sign_in: str
    sid: str
    device: str  # a terminal's own name for itself; empty for a browser
    opened_at: datetime
    used_at: datetime  # a browser: the last request, to the minute; a terminal: the last refresh
    expires_at: datetime
    idle: timedelta  # without use for so long, it has ended

    def alive(self, now: datetime) -> bool:
        return now < min(self.expires_at, self.used_at + self.idle)


@dataclass(frozen=True, slots=True)
class Alive:
    """A stored document, under provider and subject."""

    version: int
    epoch: str
    sessions: tuple[LiveSession, ...]

    def find(self, handle: str) -> LiveSession | None:
        return next((one for one in self.sessions if one.handle == handle), None)


@dataclass(frozen=True, slots=True)
class SidOwner:
    """A stored document, under provider and `sid`: whose session the provider calls so."""

    subject: str


class LiveSessions:
    """`longest`: no session lives longer. `put_back` hears whose document was found to be an older one. `admits`: do
    people of this provider still count (`Registry.admits`)?"""

    def __init__(
        self,
        people: Shelf[Alive],
        sids: Shelf[SidOwner],
        longest: timedelta,
        clock: Callable[[], datetime],
        put_back: Callable[[Person], None] = lambda _person: None,
        admits: Callable[[str], bool] = lambda _provider: True,
    ) -> None:
        self._people = people
        self._sids = sids
        self._longest = longest
        self._clock = clock
        self._put_back = put_back
        self._admits = admits
        self._versions = Versions()

    def begin(self, session: Session, idle: timedelta, *, grown: bool = False) -> Session:
        """From now on it stands. `grown`: only if something of its sign-in still does, or else SignInRequired; a
        sign-out must not be overtaken by a terminal that was approved just before."""
        who, now = session.identity, self._clock()
        entry = LiveSession(
            session.handle, session.sign_in, who.sid, session.device, session.opened_at, now, session.expires_at, idle
        )
        if who.sid:
            self._sids.put(_key(who.provider, who.sid), SidOwner(who.subject), self._longest)

        def alter(doc: Alive) -> Alive | None:
            if grown and not any(one.sign_in == session.sign_in and one.alive(now) for one in doc.sessions):
                return None
            # Idle ones stay until their own end, so that somebody can be told what happened to them.
            return replace(doc, sessions=(*(one for one in doc.sessions if now < one.expires_at), entry))

        doc = self._changed(who.person, alter, create=not grown)
        if doc is None or doc.find(session.handle) is None:
            raise SignInRequired("Your sign-in has ended. Sign in, then try again.", reason="session.ended")
        return replace(session, epoch=doc.epoch)

    def confirm(self, session: Session, *, used: bool = False) -> Session | None:
        """The session with its person's epoch, or None if it has ended. `used`: it counts as a sign of life."""
        who, now = session.identity, self._clock()
        doc = self._read(who.person) if self._admits(who.provider) else None
        entry = None if doc is None else doc.find(session.handle)
        if doc is None or entry is None or not entry.alive(now):
            return None
        if used and now - entry.used_at >= _USE_IS_WRITTEN:
            with suppress(StoreUnavailable):  # many at once: one of the others has written it
                self.prolong(session)
        return replace(session, epoch=doc.epoch)

    def is_idle(self, session: Session) -> bool:
        """Whether it was not used for too long, and ended by nothing else."""
        doc, now = self._read(session.identity.person), self._clock()
        entry = None if doc is None else doc.find(session.handle)
        return entry is not None and entry.used_at + entry.idle <= now

    def prolong(self, session: Session) -> bool:
        """It was used now, and ends when `session` says. False if it has ended already."""
        now = self._clock()

        def alter(doc: Alive) -> Alive | None:
            entry = doc.find(session.handle)
            if entry is None:
                return None
            fresh = replace(entry, used_at=now, expires_at=session.expires_at)
            return replace(doc, sessions=tuple(fresh if one is entry else one for one in doc.sessions))

        doc = self._changed(session.identity.person, alter)
        return doc is not None and doc.find(session.handle) is not None

    def of(self, person: Person) -> tuple[LiveSession, ...]:
        """What is alive of theirs, oldest first."""
        doc, now = self._read(person), self._clock()
        return () if doc is None else tuple(one for one in doc.sessions if one.alive(now))

    def epoch(self, person: Person) -> str:
        """New at every end of anything of theirs; empty for who has no session."""
        doc = self._read(person)
        return "" if doc is None else doc.epoch

    def end(self, person: Person, *, sign_in: str = "", sid: str = "", handle: str = "") -> tuple[LiveSession, ...]:
        """End what is named, or everything of theirs; what of it was alive. With `sid`, all that grew from the
        sign-ins which the provider calls so."""
        ended: list[LiveSession] = []

        def alter(doc: Alive) -> Alive | None:
            grown = {one.sign_in for one in doc.sessions if sid and one.sid == sid} | ({sign_in} if sign_in else set())
            named = bool(sign_in or sid or handle)
            ended[:] = [one for one in doc.sessions if not named or one.handle == handle or one.sign_in in grown]
            left = tuple(one for one in doc.sessions if one not in ended)
            return replace(doc, epoch=new_handle(), sessions=left) if ended else None

        self._changed(person, alter)
        now = self._clock()
        return tuple(one for one in ended if one.alive(now))

    def end_sid(self, provider: str, sid: str) -> tuple[Person, tuple[LiveSession, ...]] | None:
        """The same for who is known only by the provider's name of the session. None if nobody is."""
        owner = self._sids.get(_key(provider, sid)) if sid else None
        if owner is None:
            return None
        person = Person(provider, owner.subject)
        return person, self.end(person, sid=sid)

    def _read(self, person: Person) -> Alive | None:
        key = _key(person.provider, person.subject)
        newest = self._versions.newest(key)  # before Redis is asked: another thread may bring a newer one meanwhile
        doc = self._people.get(key)
        if doc is None or doc.version >= newest:
            self._saw(key, doc)
            return doc
        self._put_back(person)
        self.end(person)
        return None

    def _changed(self, person: Person, alter: Callable[[Alive], Alive | None], *, create: bool = False) -> Alive | None:
        """What is there afterwards. `alter` sees a document that somebody put back as an empty one."""
        key = _key(person.provider, person.subject)
        newest = self._versions.newest(key)

        def counted(doc: Alive) -> Alive | None:
            known = doc if doc.version >= newest else Alive(newest, new_handle(), ())
            changed = alter(known) or (None if known is doc else known)
            return None if changed is None else replace(changed, version=max(known.version + 1, self._clock_version()))

        doc = self._people.change(key, counted, self._longest)
        if doc is None and create:
            doc = self._created(key, counted, Alive(newest, new_handle(), ()))
        self._saw(key, doc)
        return doc

    def _created(self, key: str, counted: Callable[[Alive], Alive | None], empty: Alive) -> Alive | None:
        for _ in range(_ATTEMPTS):
            made = counted(empty)
            if made is not None and self._people.add(key, made, self._longest):
                return made
            doc = self._people.change(key, counted, self._longest)  # somebody else was first
            if doc is not None:
                return doc
            self._people.drop(key)  # what stands there cannot be read, so nothing was alive by it
        raise StoreUnavailable("Too many changes at once; try again.", reason="live.contention", retry_after=1)

    def _clock_version(self) -> int:
        """A document that is begun anew, after its end in Redis, must not look older than the one before it."""
        return int(self._clock().timestamp() * 1000)

    def _saw(self, key: str, doc: Alive | None) -> None:
        if doc is not None:
            self._versions.saw(key, doc.version)


def _key(*parts: str) -> str:
    return json.dumps(parts)
