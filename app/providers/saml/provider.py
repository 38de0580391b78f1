"""A SAML 2.0 identity provider, as the sign-in room sees it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from lxml import etree

from app.core.audiences import AWS_SIGN_IN
from app.core.identity import Identity
from app.core.proof import Proof
from app.core.roles import Method
from app.errors import GatewayError
from app.providers.arrival import Arrival, Departure, Ending
from app.providers.attempts import check_age, marked
from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.saml import logout_names, metadata, request
from app.providers.saml.driver import translated, verify
from app.providers.saml.instants import SKEW, instant
from app.providers.saml.logout import Logout
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.people import identity
from app.providers.saml.prefilter import Admitted, admit
from app.providers.saml.rules import check_assertion, check_response
from app.providers.saml.signed import signed_assertion
from app.providers.settings import SamlSettings

_REDEEMABLE = timedelta(minutes=5)  # AWS: "Token must be redeemed within 5 minutes of issuance"


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """`trusted` gives the provider's end as of now; it may fetch metadata and raise ProviderUnavailable."""

    settings: SamlSettings
    us: ServiceProvider
    trusted: Callable[[datetime], TrustedProvider]
    random: Random
    kind: ClassVar[str] = "saml"

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def label(self) -> str:
        return self.settings.label

    def depart(self, state: str, now: datetime) -> Departure:
        """A new request. Raises ProviderUnavailable when the metadata cannot be had."""
        request_id = "_" + self.random(20).hex()  # an XML ID may not begin with a digit
        url = request.redirect(self.us, self.trusted(now), request_id, state, now)
        return Departure(url, marked({"request_id": request_id}, now))

    def arrive(self, saml_response: str, kept: Mapping[str, str], now: datetime) -> Arrival:
        """Verify the SAMLResponse field of a post to the ACS against what the attempt kept.

        Raises SignInRefused (also GroupsUnknown) or ProviderUnavailable, and nothing else.
        """
        try:
            return self._arrive(saml_response, kept, now)
        except GatewayError:
            raise
        except Exception as failure:
            raise translated(failure) from failure

    def _arrive(self, saml_response: str, kept: Mapping[str, str], now: datetime) -> Arrival:
        check_age("saml", kept, now)
        request_id = kept.get("request_id", "")
        if not request_id:
            raise refused("saml.in-response-to")
        admitted, them = admit(saml_response), self.trusted(now)
        addressee = self._addressee()
        verify(admitted, addressee, them, request_id)
        check_response(admitted.root, addressee, them, request_id)
        assertion = signed_assertion(admitted, whole_response=them.response_signed)
        until = check_assertion(assertion, addressee, them, request_id, now)
        person = identity(assertion, self.settings, addressee.entity_id, now)
        proof = self._proof(admitted, assertion, until)
        used_once, upstream = f"{self.id}:{assertion.get('ID')}", logout_names.kept(assertion)
        return Arrival(person, used_once, until, proof, upstream)

    def _addressee(self) -> ServiceProvider:
        """Whom the answer must name in each place: us, or AWS, which takes no answer that names anybody else.

        That it answers a request of ours (InResponseTo) is then what keeps answers for AWS itself out.
        """
        if self.settings.passthrough is None:
            return self.us
        service = AWS_SIGN_IN[self.settings.passthrough]
        return ServiceProvider(service.audience, service.recipient)

    def _proof(self, admitted: Admitted, assertion: etree._Element, until: datetime) -> Proof | None:
        if self.settings.passthrough is None:
            return None
        issued = instant(assertion.get("IssueInstant"), "saml.structure")
        end = min(until - SKEW, issued + _REDEEMABLE)
        return Proof(Method.SAML, base64.b64encode(admitted.raw).decode(), end)

    def farewell(
        self, upstream: Mapping[str, str], identity: Identity, return_to: str, state: str, now: datetime
    ) -> Departure | None:
        """Where the browser goes so that the provider's own session ends too (profiles 4.4); None where it cannot.

        The provider answers at our address for logout with `state`; `return_to` is where the room leads then.
        Raises ProviderUnavailable when the metadata cannot be had.
        """
        if not self.settings.sign_out_at_provider:
            return None
        return self._logout(now).farewell(upstream, state)

    def farewell_answered(self, message: Incoming, kept: Mapping[str, str], now: datetime) -> bool:
        """A LogoutResponse to our farewell: True when the provider says that all of its sessions are over, False when
        it says that some are not. Raises SignInRefused (`saml.logout.*`) where it proves nothing."""
        return self._logout(now).answered(message, kept)

    def told_to_end(self, message: Incoming, now: datetime) -> Ending:
        """A LogoutRequest of the provider. Raises SignInRefused (`saml.logout.*`) or ProviderUnavailable.

        The caller remembers `used_once` before it acts on the rest, as it does for an `Arrival`.
        """
        ending = self._logout(now).told_to_end(message, (self.us.entity_id, self._addressee().entity_id))
        return replace(ending, used_once=f"{self.id}:{ending.used_once}")

    def answer_end(self, ending: Ending, succeeded: bool, now: datetime) -> str:
        """Where to send the browser with our signed LogoutResponse. `succeeded` False: not everything was ended.

        Empty where no answer can go (we have no key, or the provider takes none by redirect): show a page instead.
        """
        return self._logout(now).answer(ending.kept, succeeded)

    def _logout(self, now: datetime) -> Logout:
        return Logout(self.us, self.trusted(now), now, self._message_id())

    def _message_id(self) -> str:
        return "_" + self.random(20).hex()  # an XML ID may not begin with a digit

    def metadata(self) -> bytes:
        """Our metadata for this provider's administrator, as application/samlmetadata+xml."""
        return metadata.ours(self.us)
