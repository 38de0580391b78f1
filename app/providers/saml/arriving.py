"""From the form field of a post to an `Arrival`: the order in which an answer is judged.

    size, base64, XML, shape, signature shape -> decryption -> the library -> the envelope's words
    -> the signed octets -> for us, for this sign-in, now -> the person -> what was asked for

Nothing that was decrypted or altered is told apart by its words (one sentence), nor by its time (`steady`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from app.core.audiences import AWS_SIGN_IN
from app.core.identity import Identity
from app.core.needs import Needs
from app.core.proof import Proof
from app.core.roles import Method
from app.providers.arrival import Arrival
from app.providers.randomness import Random
from app.providers.refusals import refused, step_up_age, step_up_mfa
from app.providers.saml import logout_names
from app.providers.saml.answers import in_clear, signed_assertion
from app.providers.saml.driver import verify
from app.providers.saml.instants import SKEW, instant
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.people import identity
from app.providers.saml.prefilter import Admitted
from app.providers.saml.rules import check_assertion, check_response
from app.providers.settings import SamlSettings

_REDEEMABLE = timedelta(minutes=5)  # AWS: "Token must be redeemed within 5 minutes of issuance"


@dataclass(frozen=True, slots=True)
class Arriving:
    """One answer that is expected. `request_id` is None where nobody asked for it."""

    settings: SamlSettings
    us: ServiceProvider
    them: TrustedProvider
    random: Random
    now: datetime
    request_id: str | None
    needs: Needs

    def judge(self, admitted: Admitted) -> Arrival:
        """Raises SignInRefused (also GroupsUnknown)."""
        if self.settings.require_encryption and not admitted.is_encrypted:
            raise refused("saml.not-encrypted")
        assertion = self._verified(admitted)
        addressee = addressee_of(self.settings, self.us)
        until = check_assertion(assertion, addressee, self.them, self.request_id, self.now)
        person = identity(assertion, self.settings, addressee.entity_id, self.now)
        self._check_needs(person)
        proof = self._proof(admitted, assertion, until)
        used_once, upstream = f"{self.settings.id}:{assertion.get('ID')}", logout_names.kept(assertion)
        return Arrival(person, used_once, until, proof, upstream)

    def _verified(self, admitted: Admitted) -> etree._Element:
        """The assertion, out of the octets that were signed."""
        # What is encrypted to us AWS could not read, so where answers go on to AWS we have no key either.
        keys = () if self.settings.passthrough else self.us.keys
        clear = in_clear(admitted, self.them, keys, self.random, allow_cbc=self.settings.allow_cbc_encryption)
        addressee = addressee_of(self.settings, self.us)
        verify(admitted, clear.root, addressee, self.them, self.request_id)
        check_response(admitted.root, addressee, self.them, self.request_id)
        return signed_assertion(clear, self.them)

    def _check_needs(self, person: Identity) -> None:
        """A provider may ignore what it was asked for; whether it did not is read from what it signed."""
        label = self.settings.label
        if not Needs(mfa=self.needs.mfa).met_on_arrival(person, self.now):
            raise step_up_mfa("saml", label, f"the AuthnContext {' or '.join(self.settings.mfa_contexts)}")
        if not Needs(max_age=self.needs.max_age).met_on_arrival(person, self.now):
            raise step_up_age("saml", label)

    def _proof(self, admitted: Admitted, assertion: etree._Element, until: datetime) -> Proof | None:
        if self.settings.passthrough is None:
            return None
        issued = instant(assertion.get("IssueInstant"), "saml.structure")
        end = min(until - SKEW, issued + _REDEEMABLE)
        return Proof(Method.SAML, base64.b64encode(admitted.raw).decode(), end)


def addressee_of(settings: SamlSettings, us: ServiceProvider) -> ServiceProvider:
    """Whom the answer must name in each place: us, or AWS, which takes no answer that names anybody else.

    That it answers a request of ours (InResponseTo) is then what keeps answers for AWS itself out.
    """
    if settings.passthrough is None:
        return us
    service = AWS_SIGN_IN[settings.passthrough]
    return ServiceProvider(service.audience, service.recipient)
