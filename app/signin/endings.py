"""A provider says that sessions of its own are over: OIDC Back-Channel Logout 1.0, SAML Single Logout (profiles 4.4).

Nobody is signed in at these addresses. What keeps strangers out is the provider's signature, that each message is
taken once, and a limit for each network address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from app.audit import Audit
from app.core.events import Event, Kind
from app.core.identity import Person
from app.errors import GatewayError, NotFound, SignOutRefused
from app.providers.arrival import Departure, Ending
from app.providers.oidc.provider import OidcProvider
from app.providers.refusals import refused
from app.providers.registry import Registry
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.provider import SamlProvider
from app.sessions import LiveSessions
from app.signin.attempts import ANSWERS_A_MINUTE, SKEW, From, Refusals, Used
from app.store.counters import Counters
from app.store.shelf import Shelf

_LOG = logging.getLogger("fedgate.signin")
_SEEN = "This message has been here already. Nothing was done."


@dataclass(frozen=True, slots=True)
class Endings:
    registry: Registry
    used: Shelf[Used]
    live: LiveSessions
    counters: Counters
    audit: Audit
    clock: Callable[[], datetime]

    def hears_tokens_of(self, provider_id: str) -> bool:
        """Whether whatever it posts here is meant to hold a logout token. Raises NotFound for a provider of no name."""
        return isinstance(self.registry.get(provider_id), OidcProvider)

    def back_channel(self, provider_id: str, logout_token: str, origin: From) -> None:
        """Raises SignOutRefused for a token that proves nothing."""
        self.spend(origin)
        provider = self.registry.get(provider_id)
        if not isinstance(provider, OidcProvider):
            raise NotFound("There is nothing at this address.")
        with Refusals(self.audit, provider_id, origin, Kind.END_REFUSED):
            ending = provider.back_channel(logout_token, self.clock())
            self._check_new(ending, "oidc.logout.replay")
        self._end(provider_id, ending, origin)
        self._remember(ending)

    def asked_to_end(self, provider_id: str, message: Incoming, origin: From) -> Departure | None:
        """A LogoutRequest: the browser's way back with our answer, if it can have one. Raises SignOutRefused for one
        that proves nothing."""
        self.spend(origin)
        provider = self.registry.get(provider_id)
        if not isinstance(provider, SamlProvider):
            raise NotFound("There is nothing at this address.")
        with Refusals(self.audit, provider_id, origin, Kind.END_REFUSED):
            ending = provider.told_to_end(message, self.clock())
            self._check_new(ending, "saml.logout.replay")
        try:
            self._end(provider_id, ending, origin)
            self._remember(ending)
        except GatewayError as failure:
            # The provider is who is asked, and who can tell the person that something may go on.
            answer = provider.answer_end(ending, False, self.clock())
            if answer is None:
                raise
            _LOG.error(
                "an end was not completed, and the provider is told so", extra={"facts": {"reason": failure.reason}}
            )
            return answer
        return provider.answer_end(ending, True, self.clock())

    def too_large(self, provider_id: str, origin: From) -> NoReturn:
        """A body in which no message about an end fits, of which nothing was read. Raises SignOutRefused."""
        self.spend(origin)
        kind = "saml" if isinstance(self.registry.get(provider_id), SamlProvider) else "oidc"
        with Refusals(self.audit, provider_id, origin, Kind.END_REFUSED):
            raise refused(f"{kind}.logout.too-large")

    def spend(self, origin: From) -> None:
        self.counters.spend_of_address("signin.logout", origin.address, ANSWERS_A_MINUTE, timedelta(minutes=1))

    def _check_new(self, ending: Ending, reason: str) -> None:
        if ending.used_once is not None and self.used.get(ending.used_once) is not None:
            raise SignOutRefused(_SEEN, reason=reason)

    def _remember(self, ending: Ending) -> None:
        """Once it is done, and not before: a provider that was told of a failure says the same again, and refused as
        seen, nothing would ever have ended. Two at the same moment end the same, so neither takes more than one."""
        now = self.clock()
        if ending.used_once is not None:
            self.used.add(ending.used_once, Used(now), max(ending.used_until - now, timedelta(0)) + SKEW)

    def _end(self, provider: str, ending: Ending, origin: From) -> None:
        """One line for each person; one also if nothing of theirs was alive, for the provider did say it."""
        for person, ended in self._ended(provider, ending).items():
            who = (person.provider, person.subject, "", origin.address, origin.reference)
            self.audit.record(Event(Kind.ENDED_BY_PROVIDER, *who, {"ended": ended}))

    def _ended(self, provider: str, ending: Ending) -> dict[Person, int]:
        if ending.subject:
            person = Person(provider, ending.subject)
            if not ending.sids:
                return {person: len(self.live.end(person))}
            return {person: sum(len(self.live.end(person, sid=sid)) for sid in ending.sids)}
        found = [self.live.end_sid(provider, sid) for sid in ending.sids]
        counts: dict[Person, int] = {}
        for owner in found:
            if owner is not None:
                person, ended = owner
                counts[person] = counts.get(person, 0) + len(ended)
        return counts or {Person(provider, ""): 0}
