"""SAML 2.0 Single Logout, both ways (profiles 4.4), in the words of the sign-in room.

    we ask     farewell  -> browser -> provider -> browser -> answered     signed; answered by either binding
    they ask   browser -> told_to_end -> (the room ends sessions) -> answer -> browser -> provider

What we send goes by the binding of the provider's metadata: by redirect if it offers that, else by POST.

Owned here: the messages and every check of them. Not owned here: which sessions a name or an index means, that a
request is used once, and what the person reads; those are the rooms' and the books'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from app.errors import GatewayError, SignInRefused
from app.providers.arrival import Departure, Ending
from app.providers.attempts import check_age, marked
from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.saml import logout_messages, logout_names, post_binding
from app.providers.saml.logout_encrypted import Opening
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.logout_rules import all_is_over, check_request, check_response
from app.providers.saml.logout_signed import signed_message
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.redirect_binding import Field, address
from app.providers.saml.request import new_id


@dataclass(frozen=True, slots=True)
class Logout:
    """The two ends, at one moment."""

    us: ServiceProvider
    them: TrustedProvider
    now: datetime
    random: Random
    allow_cbc: bool = False

    def farewell(self, upstream: Mapping[str, str], state: str) -> Departure | None:
        """None where the provider takes no logout, where we have no key, or for a sign-in without a name.

        Unsigned it would be refused by every provider that is worth asking.
        """
        if not (self.us.keys and self.them.slo_url and logout_names.is_known(upstream)):
            return None
        destination, message_id = self.them.slo_url, new_id(self.random)
        message = logout_messages.request(self.us.entity_id, destination, message_id, upstream, self.now)
        sent = self._sent(destination, Field.REQUEST, message, state)
        return replace(sent, kept=marked({"request_id": message_id}, self.now))

    def answered(self, message: Incoming, kept: Mapping[str, str]) -> bool:
        with _told_as_logout():
            check_age("saml", kept, self.now)
            signed = signed_message(message, Field.RESPONSE, self.them.certificates)
            check_response(signed.root, self.us, self.them, kept.get("request_id", ""), self.now)
            return all_is_over(signed.root)

    def told_to_end(self, message: Incoming, entity_ids: tuple[str, ...]) -> Ending:
        with _told_as_logout():
            signed = signed_message(message, Field.REQUEST, self.them.certificates)
            until = check_request(signed.root, self.us, self.them, self.now)
            name_id = Opening(self.us.keys, self.random, self.allow_cbc).name_id(signed.root)
            return Ending(
                subject=logout_names.subject(name_id, entity_ids),
                sids=logout_names.sessions(signed.root),
                used_once=f"logout:{signed.root.get('ID')}",
                used_until=until,
                kept={"request_id": signed.root.get("ID") or "", "relay_state": signed.relay_state},
            )

    def answer(self, kept: Mapping[str, str], succeeded: bool) -> Departure | None:
        """None where an answer cannot go: no key to sign it with, or no address for it."""
        destination = self.them.slo_response_url
        if not (self.us.keys and destination):
            return None
        message = logout_messages.response(
            self.us.entity_id, destination, new_id(self.random), kept.get("request_id", ""), succeeded, self.now
        )
        return self._sent(destination, Field.RESPONSE, message, kept.get("relay_state", ""))

    def _sent(self, destination: str, name: Field, message: etree._Element, relay_state: str) -> Departure:
        key = self.us.keys[0]
        if self.them.slo_binding == "post":
            return Departure(destination, form=post_binding.form(name, message, relay_state, key))
        return Departure(address(destination, name, etree.tostring(message, encoding="utf-8"), relay_state, key))


@contextmanager
def _told_as_logout() -> Iterator[None]:
    """The checks that a sign-in shares say `saml.signature`; in the audit a logout is told apart from a sign-in."""
    try:
        yield
    except SignInRefused as unproven:
        reason = unproven.reason.removeprefix("saml.").removeprefix("logout.")
        raise refused(f"saml.logout.{reason}") from unproven
    except GatewayError:
        raise
    except Exception as failure:
        raise refused("saml.logout.unexpected") from failure
