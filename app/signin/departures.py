"""The steps of a sign-out, without HTTP: the end here, away to the provider, and what can truthfully be said then.

Everything of ours has ended before the browser leaves: a closed tab, or a provider that is away, changes nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.audit import Audit, record_end
from app.core.events import Kind
from app.errors import GatewayError, SignInRefused
from app.issuance.given import GivenOut
from app.providers.arrival import Departure
from app.providers.registry import Registry
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.provider import SamlProvider
from app.sessions import Browsers, Proofs, Session, Upstreams
from app.signin.attempts import ANSWERS_A_MINUTE, ATTEMPT_LIFE, From, Here, Refusals, event, same_browser
from app.store.counters import Counters
from app.store.shelf import Shelf

_LOG = logging.getLogger("fedgate.signin")


@dataclass(frozen=True, slots=True)
class Farewell:
    """A stored document under its `state`: what a sign-out has ended, until its browser has been told.

    `asked`: whether the provider was to be told, `unreachable`: it could not be. `answered`: what the provider proved
    to have done; None if it proved nothing, as a mere return of the browser does not.
    """

    provider: str
    label: str
    binding: str = field(repr=False)
    terminals: int
    given_until: datetime | None
    asked: bool = False
    unreachable: bool = False
    url: str = field(default="", repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)  # that is posted there; empty: a redirect
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    answered: bool | None = None


@dataclass(frozen=True, slots=True)
class SignOut:
    base_url: str
    registry: Registry
    farewells: Shelf[Farewell]
    browsers: Browsers
    upstreams: Upstreams
    given: GivenOut
    proofs: Proofs
    counters: Counters
    audit: Audit
    clock: Callable[[], datetime]

    def leave(self, session: Session, here: Here, origin: From) -> str:
        """Ends the whole sign-in: this browser, its terminals, what is kept for them. The state of what is left."""
        state = secrets.token_urlsafe(32)
        farewell = self._farewell(session, here, state)  # first: what the provider wants to see ends with the sign-in
        ended = self.browsers.sign_out(here.session)
        self.proofs.forget(session.identity)
        terminals = sum(one.handle != session.handle for one in ended)
        told = event(
            Kind.SIGNED_OUT,
            session.identity,
            origin,
            session=session.handle,
            ended=len(ended),
            at_provider=_word(farewell),
        )
        record_end(self.audit, told)
        self.farewells.put(state, replace(farewell, terminals=terminals), ATTEMPT_LIFE)
        return state

    def waiting(self, state: str, here: Here) -> Farewell | None:
        """What this browser has left to be told or to do; None for every other browser."""
        farewell = self.farewells.get(state) if state else None
        return farewell if farewell is not None and same_browser(farewell.binding, here.binding) else None

    def provider_answered(self, provider_id: str, message: Incoming, origin: From) -> str:
        """The provider's LogoutResponse: the state that it belongs to. What proves nothing is remembered as nothing.

        It can come by a cross-site POST without our cookies; `returned` checks the browser.
        """
        self.counters.spend_of_address("signin.logout", origin.address, ANSWERS_A_MINUTE, timedelta(minutes=1))
        state = message.relay_state
        farewell = self.farewells.get(state) if state else None
        provider = self.registry.get(provider_id)
        if farewell is None or farewell.provider != provider_id or not isinstance(provider, SamlProvider):
            return ""
        try:
            with Refusals(self.audit, provider_id, origin, Kind.END_REFUSED):
                answered = provider.farewell_answered(message, farewell.kept, self.clock())
        except SignInRefused:
            return state
        # Once: what the provider said first stands.
        self.farewells.change(state, lambda doc: replace(doc, answered=answered) if doc.answered is None else None)
        return state

    def returned(self, state: str, here: Here) -> Farewell | None:
        """The same, once."""
        return None if self.waiting(state, here) is None else self.farewells.take(state)

    def _farewell(self, session: Session, here: Here, state: str) -> Farewell:
        who = session.identity
        provider = self.registry.get(who.provider)
        known = Farewell(who.provider, provider.label, here.binding, 0, self.given.until(who.person))
        upstream = self.upstreams.of(session)
        if not provider.settings.sign_out_at_provider:
            return known
        try:
            kept = {} if upstream is None else upstream.kept
            departure = provider.farewell(kept, who, f"{self.base_url}/signout", state, self.clock())
        except GatewayError as away:
            # Never in the way of the sign-out here, which is what the person can rely on.
            _LOG.warning("the sign-out goes no further than here", extra={"facts": {"reason": away.reason}})
            return replace(known, asked=True, unreachable=True)
        return _with(known, departure)


def _with(known: Farewell, departure: Departure | None) -> Farewell:
    if departure is None:
        return known
    return replace(known, asked=True, url=departure.url, form=departure.form, kept=departure.kept)


def _word(farewell: Farewell) -> str:
    if farewell.unreachable:
        return "unreachable"
    return "asked" if farewell.asked else "not asked"
