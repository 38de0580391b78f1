"""The steps of a sign-in, without HTTP: away to the provider, back, and a session."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn

from app.audit import Audit
from app.core.events import Kind
from app.core.identity import Identity
from app.errors import NotFound, SignInRefused
from app.providers.arrival import Arrival, Asked
from app.providers.oidc.provider import OidcProvider
from app.providers.refusals import refused
from app.providers.registry import Registry
from app.providers.saml.provider import SamlProvider
from app.sessions import Browsers, Proofs, Session
from app.signin.attempts import (
    ANSWERS_A_MINUTE,
    ATTEMPT_LIFE,
    SKEW,
    STALE,
    STARTS_A_MINUTE,
    Attempt,
    From,
    Here,
    Refusals,
    Used,
    Verified,
    event,
    same_browser,
)
from app.signin.tickets import Tickets
from app.store.counters import Counters
from app.store.shelf import Shelf

_STATE_CHARACTERS = 43  # of `secrets.token_urlsafe(32)`


@dataclass(frozen=True, slots=True)
class SignedIn:
    cookie: str = field(repr=False)
    session: Session
    return_to: str


@dataclass(frozen=True, slots=True)
class Question:
    """A verified answer that nobody here asked for: is it really this person who wants to sign in?"""

    ticket: str = field(repr=False)
    name: str
    provider: str
    now: str = ""  # who is signed in in this browser already; empty for nobody


@dataclass(frozen=True, slots=True)
class SignIn:
    registry: Registry
    attempts: Shelf[Attempt]
    tickets: Tickets
    used: Shelf[Used]
    browsers: Browsers
    counters: Counters
    audit: Audit
    clock: Callable[[], datetime]
    proofs: Proofs | None = None  # None where no provider passes anything through
    remember: Callable[[Identity], None] = lambda _: None  # must not fail

    def start(self, provider_id: str, here: Here, return_to: str, origin: From, asked: Asked) -> str:
        """The address at the provider. Raises SignInRefused where it cannot be asked for what is needed."""
        self.counters.spend_of_address("signin.start", origin.address, STARTS_A_MINUTE, timedelta(minutes=1))
        provider = self.registry.get(provider_id)
        state = secrets.token_urlsafe(32)
        with Refusals(self.audit, provider_id, origin):
            departure = provider.depart(state, self.clock(), self._hinted(provider_id, here, asked))
        self.attempts.put(state, Attempt(provider_id, here.binding, departure.kept, return_to), ATTEMPT_LIFE)
        return departure.url

    def oidc_answer(self, provider_id: str, query: Mapping[str, str], here: Here, origin: From) -> SignedIn:
        """The callback. State and browser are checked before anything else is read, errors too."""
        self._spend_answer(origin)
        provider = self.registry.get(provider_id)
        if not isinstance(provider, OidcProvider):
            raise NotFound("There is nothing at this address.")
        with Refusals(self.audit, provider_id, origin):
            attempt = self._attempt(query.get("state", ""), provider_id, here.binding)
            arrival = provider.arrive(query, attempt.kept, self.clock())
        return self._opened(_verified(arrival, attempt.binding, attempt.return_to), here, origin)

    def saml_answer(
        self, provider_id: str, response: str, relay_state: str, origin: From, own_path: Callable[[str], str]
    ) -> str:
        """The ACS: the ticket under which the verified answer waits for its browser.

        An answer that no attempt waits for is taken only where the operator allows it; `own_path` then makes a page
        of ours of what it wants to lead to.
        """
        self._spend_answer(origin)
        provider = self.saml(provider_id)
        with Refusals(self.audit, provider_id, origin):
            if self._is_unasked(provider, relay_state):
                return self._unasked(provider, response, own_path(relay_state or "/"))
            attempt = self._attempt(relay_state, provider_id, None)
            arrival = provider.arrive(response, attempt.kept, self.clock())
            self._use_once(arrival)
        return self.tickets.issue(_verified(arrival, attempt.binding, attempt.return_to))

    def too_large(self, provider_id: str, origin: From) -> NoReturn:
        """A body in which no answer fits (X1), of which nothing was read: refused and on record like others."""
        self._spend_answer(origin)
        self.saml(provider_id)
        with Refusals(self.audit, provider_id, origin):
            raise refused("saml.too-large")

    def resume(self, ticket: str, here: Here, origin: From) -> SignedIn | Question:
        """The browser that began comes to fetch what the ACS verified; another browser gets nothing."""
        waiting = self.tickets.waiting(ticket)
        if waiting is not None and not waiting.asked:
            return self._question(ticket, here, origin)
        return self.agree(ticket, here, origin)

    def agree(self, ticket: str, here: Here, origin: From) -> SignedIn:
        """Also the person's yes, in the browser that was asked."""
        verified = self.tickets.redeem(ticket, here, origin)
        self.registry.get(verified.identity.provider)  # it may have been switched off since it answered
        return self._opened(verified, here, origin)

    def decline(self, ticket: str, here: Here) -> None:
        self.tickets.decline(ticket, here)

    def metadata(self, provider_id: str) -> bytes:
        """What the provider's administrator imports."""
        return self.saml(provider_id).metadata()

    def saml(self, provider_id: str) -> SamlProvider:
        provider = self.registry.get(provider_id)
        if not isinstance(provider, SamlProvider):
            raise NotFound("There is nothing at this address.")
        return provider

    def _hinted(self, provider_id: str, here: Here, asked: Asked) -> Asked:
        """Who is to confirm who they are need not choose among accounts again; and brings back no other by mistake."""
        asks = asked.needs and not asked.login_hint
        before = self.browsers.recognised(here.session, here.seen) if asks else None
        if before is None or before.identity.provider != provider_id:
            return asked
        return replace(asked, login_hint=before.identity.email or before.identity.name)

    def _is_unasked(self, provider: SamlProvider, relay_state: str) -> bool:
        """Where such answers are off, one that has no state of ours is refused as what it is, and one with a state that
        is over as that."""
        if self.attempts.get(relay_state or "-") is not None:
            return False
        return provider.settings.idp_initiated or len(relay_state) != _STATE_CHARACTERS

    def _unasked(self, provider: SamlProvider, response: str, return_to: str) -> str:
        arrival = provider.arrive_unasked(response, self.clock())
        self._use_once(arrival)
        return self.tickets.issue(replace(_verified(arrival, "", return_to), asked=False))

    def _question(self, ticket: str, here: Here, origin: From) -> Question:
        who = self.tickets.bind(ticket, here, origin).identity
        before = self.browsers.recognised(here.session, here.seen)
        now = "" if before is None else before.identity.name
        return Question(ticket, who.name, self.registry.get(who.provider).label, now)

    def _attempt(self, state: str, provider_id: str, binding: str | None) -> Attempt:
        """Once only. `binding` is None where no cookie can arrive; `resume` checks it then."""
        attempt = self.attempts.get(state) if state else None
        if attempt is None or attempt.provider != provider_id:
            raise SignInRefused(STALE, reason="signin.state")
        if binding is not None and not same_browser(attempt.binding, binding):
            raise SignInRefused(STALE, reason="signin.binding")
        if self.attempts.take(state) is None:
            raise SignInRefused(STALE, reason="signin.state")
        return attempt

    def _use_once(self, arrival: Arrival) -> None:
        now = self.clock()
        life = max(arrival.used_until - now, timedelta(0)) + SKEW
        if arrival.used_once is not None and not self.used.add(arrival.used_once, Used(now), life):
            raise SignInRefused(STALE, reason="saml.replay")

    def _opened(self, verified: Verified, here: Here, origin: From) -> SignedIn:
        """Audit first: a sign-in that cannot be recorded did not happen.

        Always a new session under a new id, and the browser's old one ends; of another person nothing is carried over.
        """
        identity = verified.identity
        groups = sorted(identity.groups)[:200]
        self.audit.record(event(Kind.SIGNED_IN, identity, origin, groups=groups, mfa=int(identity.mfa)))
        if verified.proof is not None and self.proofs is not None:
            self.proofs.keep(identity, verified.proof)
        cookie, session = self.browsers.open(identity, verified.upstream, replacing=here.session)
        self.remember(identity)
        return SignedIn(cookie, session, verified.return_to)

    def _spend_answer(self, origin: From) -> None:
        self.counters.spend_of_address("signin.answer", origin.address, ANSWERS_A_MINUTE, timedelta(minutes=1))


def _verified(arrival: Arrival, binding: str, return_to: str) -> Verified:
    return Verified(arrival.identity, binding, return_to, arrival.proof, arrival.upstream)
