"""The steps of a sign-in, without HTTP."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.audit import Audit
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.proof import Proof
from app.errors import NotFound, SignInRefused
from app.providers.oidc.provider import OidcProvider
from app.providers.registry import Registry
from app.providers.saml.provider import SamlProvider
from app.sessions import Browsers, Proofs, Session
from app.store.counters import Counters
from app.store.shelf import Shelf

ATTEMPT_LIFE = timedelta(minutes=10)
_TICKET_LIFE = timedelta(seconds=60)
# Of one network address, which may be a whole company's on a Monday morning.
_STARTS_A_MINUTE, _ANSWERS_A_MINUTE = 600, 600
_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A stored document under its `state`: a sign-in that is under way in one browser."""

    provider: str
    binding: str = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)
    return_to: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A stored document under a ticket: a verified SAML answer, waiting for its browser."""

    identity: Identity
    binding: str = field(repr=False)
    return_to: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """A stored document: this assertion has been here."""

    at: datetime


@dataclass(frozen=True, slots=True)
class From:
    """Where a request came from, for the audit and the limits."""

    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    cookie: str = field(repr=False)
    session: Session
    return_to: str


@dataclass(frozen=True, slots=True)
class SignIn:
    registry: Registry
    attempts: Shelf[Attempt]
    tickets: Shelf[Verified]
    used: Shelf[Used]
    browsers: Browsers
    counters: Counters
    audit: Audit
    clock: Callable[[], datetime]
    proofs: Proofs | None = None  # None where no provider passes anything through

    def start(self, provider_id: str, binding: str, return_to: str, origin: From) -> str:
        """The address at the provider. `binding` is the browser's attempt cookie."""
        self.counters.spend("signin.start", origin.address, _STARTS_A_MINUTE, timedelta(minutes=1))
        provider = self.registry.get(provider_id)
        state = secrets.token_urlsafe(32)
        departure = provider.depart(state, self.clock())
        attempt = Attempt(provider_id, binding, departure.kept, return_to)
        self.attempts.put(state, attempt, ATTEMPT_LIFE)
        return departure.url

    def oidc_answer(self, provider_id: str, query: Mapping[str, str], binding: str, origin: From) -> SignedIn:
        """The callback. State and browser are checked before anything else is read, errors too."""
        self.counters.spend("signin.answer", origin.address, _ANSWERS_A_MINUTE, timedelta(minutes=1))
        provider = self.registry.get(provider_id)
        if not isinstance(provider, OidcProvider):
            raise NotFound("There is nothing at this address.")
        with _Refusals(self, provider_id, origin):
            attempt = self._attempt(query.get("state", ""), provider_id, binding)
            arrival = provider.arrive(query, attempt.kept, self.clock())
        return self._opened(arrival.identity, attempt.return_to, origin, arrival.proof)

    def saml_answer(self, provider_id: str, response: str, relay_state: str, origin: From) -> str:
        """The ACS: the ticket under which the verified answer waits for its browser."""
        self.counters.spend("signin.answer", origin.address, _ANSWERS_A_MINUTE, timedelta(minutes=1))
        provider = self._saml(provider_id)
        with _Refusals(self, provider_id, origin):
            attempt = self._attempt(relay_state, provider_id, None)
            arrival = provider.arrive(response, attempt.kept, self.clock())
            self._use_once(arrival.used_once, arrival.used_until)
        ticket = secrets.token_urlsafe(32)
        verified = Verified(arrival.identity, attempt.binding, attempt.return_to, arrival.proof)
        self.tickets.put(ticket, verified, _TICKET_LIFE)
        return ticket

    def resume(self, ticket: str, binding: str, origin: From) -> SignedIn:
        """The browser that began comes to fetch what the ACS verified; another browser gets nothing."""
        verified = self.tickets.take(ticket)
        provider = "" if verified is None else verified.identity.provider
        with _Refusals(self, provider, origin):
            if verified is None:
                raise SignInRefused(_STALE, reason="signin.ticket")
            _same_browser(verified.binding, binding)
        return self._opened(verified.identity, verified.return_to, origin, verified.proof)

    def metadata(self, provider_id: str) -> bytes:
        """What the provider's administrator imports."""
        return self._saml(provider_id).metadata()

    def end(self, cookie: str, session: Session, origin: From) -> None:
        self.browsers.end(cookie)
        if self.proofs is not None:
            self.proofs.forget(session.identity)
        self.audit.record(_event(Kind.SIGNED_OUT, session.identity, origin, session=session.handle))

    def _attempt(self, state: str, provider_id: str, binding: str | None) -> Attempt:
        """Once only. `binding` is None where no cookie can arrive; `resume` checks it then."""
        attempt = self.attempts.get(state) if state else None
        if attempt is None or attempt.provider != provider_id:
            raise SignInRefused(_STALE, reason="signin.state")
        if binding is not None:
            _same_browser(attempt.binding, binding)
        if self.attempts.take(state) is None:
            raise SignInRefused(_STALE, reason="signin.state")
        return attempt

    def _use_once(self, name: str | None, until: datetime) -> None:
        now = self.clock()
        life = max(until - now, timedelta(0)) + _SKEW
        if name is not None and not self.used.add(name, Used(now), life):
            raise SignInRefused(_STALE, reason="saml.replay")

    def _opened(self, identity: Identity, return_to: str, origin: From, proof: Proof | None) -> SignedIn:
        """Audit first: a sign-in that cannot be recorded did not happen."""
        self.audit.record(
            _event(Kind.SIGNED_IN, identity, origin, groups=sorted(identity.groups)[:200], mfa=int(identity.mfa))
        )
        if proof is not None and self.proofs is not None:
            self.proofs.keep(identity, proof)
        cookie, session = self.browsers.open(identity)
        return SignedIn(cookie, session, return_to)

    def _saml(self, provider_id: str) -> SamlProvider:
        provider = self.registry.get(provider_id)
        if not isinstance(provider, SamlProvider):
            raise NotFound("There is nothing at this address.")
        return provider


_STALE = (
    "This sign-in is more than ten minutes old, has been used already, or began in another browser. "
    "Please sign in again."
)


def _same_browser(began: str, now: str) -> None:
    if not now or not hmac.compare_digest(began.encode(), now.encode()):
        raise SignInRefused(_STALE, reason="signin.binding")


def _event(kind: Kind, identity: Identity, origin: From, **facts: str | int | list[str]) -> Event:
    return Event(kind, identity.provider, identity.subject, identity.name, origin.address, origin.reference, facts)


@dataclass(frozen=True, slots=True)
class _Refusals:
    """Every refused answer is one audit line."""

    flow: SignIn
    provider: str
    origin: From

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SignInRefused):
            self.flow.audit.record(
                Event(
                    Kind.SIGN_IN_REFUSED,
                    provider=self.provider,
                    address=self.origin.address,
                    reference=self.origin.reference,
                    facts={"reason": error.reason},
                )
            )
