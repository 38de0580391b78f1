"""Asking a SAML provider to sign somebody in: the AuthnRequest by HTTP-Redirect (bindings 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from app.providers.randomness import Random
from app.providers.saml.instants import written
from app.providers.saml.names import HTTP_POST, SAML, SAMLP, saml, samlp
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.redirect_binding import Field, address


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the answer must have beyond the person: a new sign-in, and one of these AuthnContextClassRef."""

    force: bool = False
    contexts: tuple[str, ...] = ()


def new_id(random: Random) -> str:
    """For a message of ours."""
    return "_" + random(20).hex()  # an XML ID may not begin with a digit


def redirect(
    us: ServiceProvider, them: TrustedProvider, request_id: str, state: str, now: datetime, wanted: Wanted = Wanted()
) -> str:
    """The address at the provider, signed if we have a key. `state` travels as RelayState: an opaque key, never an
    address."""
    xml = etree.tostring(_authn_request(us, them, request_id, now, wanted), encoding="utf-8")
    return address(them.sso_url, Field.REQUEST, xml, state, us.signing_key)


def _authn_request(
    us: ServiceProvider, them: TrustedProvider, request_id: str, now: datetime, wanted: Wanted
) -> etree._Element:
    request = etree.Element(
        samlp("AuthnRequest"),
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": written(now),
            "Destination": them.sso_url,
            "ProtocolBinding": HTTP_POST,
            "AssertionConsumerServiceURL": us.acs,
            **({"ForceAuthn": "true"} if wanted.force else {}),
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    etree.SubElement(request, saml("Issuer")).text = us.entity_id
    # No Format: providers that do not have the one that is asked for answer with an error instead of a person.
    etree.SubElement(request, samlp("NameIDPolicy"), {"AllowCreate": "true"})
    if wanted.contexts:
        # Exact: "better than a password" is an order of strength that no two providers share (core 3.3.2.2.1).
        context = etree.SubElement(request, samlp("RequestedAuthnContext"), {"Comparison": "exact"})
        for name in wanted.contexts:
            etree.SubElement(context, saml("AuthnContextClassRef")).text = name
    return request
