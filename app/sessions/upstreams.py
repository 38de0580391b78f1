"""The provider's side of a sign-in: its tokens or its name for the session, and the newest that it said of the person.

Kept under a secret that stands in the sessions of that sign-in and nowhere else, so that only a cookie or a token leads
to it. The browser and all terminals of one sign-in share one document, and therefore one refresh at the provider:
many of them may have a refresh token that works once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.identity import Identity
from app.errors import NotFound, ProviderUnavailable, SignInRefused
from app.providers.arrival import Renewal
from app.sessions.proofs import Proofs
from app.sessions.session import Session, new_secret
from app.store.flight import Flights
from app.store.shelf import Shelf

_PATIENCE = timedelta(seconds=20)
_ASKED_AGAIN_AFTER = timedelta(minutes=1)  # a provider that is away, or gives nothing, is not asked by each terminal

Renew = Callable[[Mapping[str, str], Identity, datetime], Renewal | None]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A stored document."""

    kept: Mapping[str, str] = field(repr=False)
    identity: Identity
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """The provider says that the sign-in has ended there, or answered about somebody else. `reason`: for the audit."""

    reason: str


class Upstreams:
    """`renew` asks the identity's provider (`OidcProvider.renew`); NotFound from it: there is no such provider now."""

    def __init__(
        self, shelf: Shelf[Upstream], flights: Flights, proofs: Proofs, renew: Renew, clock: Callable[[], datetime]
    ) -> None:
        self._shelf = shelf
        self._flights = flights
        self._proofs = proofs
        self._renew = renew
        self._clock = clock

    def keep(self, kept: Mapping[str, str], identity: Identity, life: timedelta, secret: str = "") -> str:
        """The secret under which it is found; `secret`: under the one that its sessions have already. Nothing new from
        the provider leaves what is there."""
        if not kept:
            return secret
        secret = secret or new_secret()
        self._shelf.put(secret, Upstream(kept, identity, self._clock()), life)
        return secret

    def of(self, session: Session) -> Upstream | None:
        return self._shelf.get(session.upstream) if session.upstream else None

    def forget(self, session: Session) -> None:
        if session.upstream:
            self._shelf.drop(session.upstream)

    def renewed(self, session: Session, young: timedelta) -> Identity | Over:
        """The person with groups of no more than `young`, if the provider can be asked; else as they are known.

        Of who they are and how they signed in, nothing changes: a refresh is no proof of either.
        """
        if not session.upstream or self._clock() - session.identity.verified_at < young:
            return session.identity
        try:
            found = self._flights.share(
                f"upstream {session.upstream}",
                lambda: self._landed(session, young),
                lambda: self._asked(session),
                _PATIENCE,
            )
        except SignInRefused as refused:
            self.forget(session)  # so that those who wait for this flight learn the same, and nobody asks again
            return Over(refused.reason)
        known = session.identity
        if found.identity.verified_at <= known.verified_at:
            return known
        return replace(found.identity, authenticated_at=known.authenticated_at, mfa=known.mfa, sid=known.sid)

    def _landed(self, session: Session, young: timedelta) -> Upstream | None:
        doc, now = self.of(session), self._clock()
        if doc is None:
            raise SignInRefused("Your sign-in has ended. Sign in again.", reason="upstream.gone")
        fresh = now - doc.identity.verified_at < young or now - doc.asked_at < _ASKED_AGAIN_AFTER
        return doc if fresh and doc.identity.verified_at >= session.identity.verified_at else None

    def _asked(self, session: Session) -> Upstream:
        doc, now = self.of(session), self._clock()
        if doc is None:
            raise SignInRefused("Your sign-in has ended. Sign in again.", reason="upstream.gone")
        try:
            renewal = self._renew(doc.kept, doc.identity, now)
        except ProviderUnavailable:
            renewal = None  # what is known is believed until it is too old (`Lifetimes.max_group_age`)
        except NotFound as gone:
            raise SignInRefused("Your sign-in has ended. Sign in again.", reason="provider.gone") from gone
        fresh = replace(doc, asked_at=now) if renewal is None else self._checked(doc, renewal, now)
        # A step-up may have brought something newer meanwhile.
        return self._shelf.change(session.upstream, lambda known: fresh if known == doc else None) or fresh

    def _checked(self, doc: Upstream, renewal: Renewal, now: datetime) -> Upstream:
        if renewal.identity.person != doc.identity.person:
            raise SignInRefused("Your sign-in has ended. Sign in again.", reason="upstream.subject")
        if renewal.proof is not None:
            self._proofs.keep(renewal.identity, renewal.proof)
        return Upstream(renewal.upstream, renewal.identity, now)
