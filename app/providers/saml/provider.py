"""A SAML 2.0 identity provider, as the sign-in room sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, TypeVar

from app.core.identity import Identity
from app.core.needs import Needs
from app.errors import GatewayError, SignInRefused
from app.providers.arrival import Arrival, Asked, Departure, Ending, Renewal
from app.providers.attempts import check_age, marked
from app.providers.randomness import Random
from app.providers.refusals import refused, step_up_mfa
from app.providers.saml import our_metadata, request
from app.providers.saml.arriving import Arriving, addressee_of
from app.providers.saml.driver import translated
from app.providers.saml.logout import Logout
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.prefilter import admit
from app.providers.saml.remembered import needs_of, remembered
from app.providers.saml.steady import Steady
from app.providers.settings import SamlSettings

_STEADY, _NOTHING = Steady(), Asked()
_UNKNOWN_KEY = ("saml.signature", "saml.logout.signature")
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """`trusted` gives the provider's end as of now; it may fetch metadata and raise ProviderUnavailable. `newer`: the
    same fetched anew, because a key was not in it; None if that was done just now, or brought nothing."""

    settings: SamlSettings
    us: ServiceProvider
    trusted: Callable[[datetime], TrustedProvider]
    random: Random
    steady: Steady = _STEADY
    newer: Callable[[datetime], TrustedProvider | None] = lambda _now: None
    kind: ClassVar[str] = "saml"

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def label(self) -> str:
        return self.settings.label

    def depart(self, state: str, now: datetime, asked: Asked = _NOTHING) -> Departure:
        """A new request. Raises ProviderUnavailable when the metadata cannot be had, and SignInRefused when a second
        factor is needed of a provider of which nobody said how it names one: no answer could ever do.

        What the person typed (`asked.login_hint`) has no place in SAML that providers agree on, and stays here.
        """
        needs, contexts = asked.needs, self.settings.mfa_contexts
        if needs.mfa and not contexts:
            raise step_up_mfa("saml", self.label, "one of mfa_contexts, which names none for this provider,")
        request_id = request.new_id(self.random)
        wanted = request.Wanted(force=needs.max_age is not None, contexts=contexts if needs.mfa else ())
        url = request.redirect(self.us, self.trusted(now), request_id, state, now, wanted)
        return Departure(url, marked({"request_id": request_id, **remembered(needs)}, now))

    def arrive(self, saml_response: str, kept: Mapping[str, str], now: datetime) -> Arrival:
        """Verify the SAMLResponse field of a post to the ACS against what the attempt kept.

        Raises SignInRefused (also GroupsUnknown) or ProviderUnavailable, and nothing else.
        """
        check_age("saml", kept, now)
        request_id = kept.get("request_id", "")
        if not request_id:
            raise refused("saml.in-response-to")
        return self._arrive(saml_response, request_id, needs_of(kept), now)

    def arrive_unasked(self, saml_response: str, now: datetime) -> Arrival:
        """The same for an answer that nobody here asked for, if the operator allows them (`idp_initiated`).

        It may then answer no request at all; everything else is as strict. Whoever calls this asks the person before a
        session opens: with such an answer a stranger signs somebody in as himself (login CSRF).
        """
        if not self.settings.idp_initiated:
            raise refused("saml.unasked")
        return self._arrive(saml_response, None, Needs(), now)

    def _arrive(self, saml_response: str, request_id: str | None, needs: Needs, now: datetime) -> Arrival:
        with _only_refusals():
            admitted, them = admit(saml_response), self.trusted(now)
            arriving = Arriving(self.settings, self.us, them, self.random, now, request_id, needs)
            with self.steady.refusing() if admitted.is_encrypted else nullcontext():
                # Of an encrypted answer every refusal looks for newer metadata: "only of a signature" would be an
                # answer to "was it well encrypted?".
                return self._believing(
                    them, now, lambda them: replace(arriving, them=them).judge(admitted), always=admitted.is_encrypted
                )

    def _believing(
        self, them: TrustedProvider, now: datetime, judge: Callable[[TrustedProvider], Said], *, always: bool = False
    ) -> Said:
        """What `judge` makes of a message; once more where the provider has changed its key and we had not heard."""
        try:
            with _only_refusals():
                return judge(them)
        except SignInRefused as no:
            newer = self.newer(now) if always or no.reason in _UNKNOWN_KEY else None
            if newer is None or newer.certificates == them.certificates:
                raise
        with _only_refusals():
            return judge(newer)

    def renew(self, upstream: Mapping[str, str], identity: Identity, now: datetime) -> Renewal | None:
        """SAML has no way to ask about a person who is not there."""
        return None

    def farewell(
        self, upstream: Mapping[str, str], identity: Identity, return_to: str, state: str, now: datetime
    ) -> Departure | None:
        """Where the browser goes so that the provider's own session ends too (profiles 4.4); None where it cannot.

        The provider answers at our address for logout with `state`; `return_to` is where the room leads then.
        Raises ProviderUnavailable when the metadata cannot be had.
        """
        if not self.settings.sign_out_at_provider:
            return None
        return self._logout(self.trusted(now), now).farewell(upstream, state)

    def farewell_answered(self, message: Incoming, kept: Mapping[str, str], now: datetime) -> bool:
        """A LogoutResponse to our farewell: True when the provider says that all of its sessions are over, False when
        it says that some are not. Raises SignInRefused (`saml.logout.*`) where it proves nothing."""
        return self._believing(self.trusted(now), now, lambda them: self._logout(them, now).answered(message, kept))

    def told_to_end(self, message: Incoming, now: datetime) -> Ending:
        """A LogoutRequest of the provider. Raises SignInRefused (`saml.logout.*`) or ProviderUnavailable.

        The caller refuses what it has acted on before (`used_once`).
        """
        names = (self.us.entity_id, addressee_of(self.settings, self.us).entity_id)
        ending = self._believing(
            self.trusted(now), now, lambda them: self._logout(them, now).told_to_end(message, names)
        )
        return replace(ending, used_once=f"{self.id}:{ending.used_once}")

    def answer_end(self, ending: Ending, succeeded: bool, now: datetime) -> Departure | None:
        """Where to send the browser with our signed LogoutResponse. `succeeded` False: not everything was ended.

        None where no answer can go (we have no key, or the provider no address for it): show a page instead.
        """
        return self._logout(self.trusted(now), now).answer(ending.kept, succeeded)

    def _logout(self, them: TrustedProvider, now: datetime) -> Logout:
        return Logout(self.us, them, now, self.random, self.settings.allow_cbc_encryption)

    def metadata(self) -> bytes:
        """Our metadata for this provider's administrator, as application/samlmetadata+xml."""
        return our_metadata.written(self.us, allow_cbc=self.settings.allow_cbc_encryption)


@contextmanager
def _only_refusals() -> Iterator[None]:
    try:
        yield
    except GatewayError:
        raise
    except Exception as failure:
        raise translated(failure) from failure
