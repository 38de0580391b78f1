"""SAML Responses (SAML Core 2.5 and 3.3, Web Browser SSO profile 4.1.4.2), built as trees and then signed.

Built through the XML library and never from text: a display name with a `<` in it must not become markup.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from app.local.idp.authn_request import PERSISTENT, SAML, SAMLP, AuthnRequest
from app.local.idp.picking import PASSWORD_CONTEXT, Pick
from app.local.idp.registration import Addresses, SamlApplication

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"

LIFE = timedelta(minutes=5)  # of the response: long enough to travel through one browser
SESSION = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who answers whom, about which request, at which moment."""

    request: AuthnRequest
    application: SamlApplication
    addresses: Addresses
    now: datetime
    session: str = ""  # the SessionIndex; a refusal has none


def accepted(envelope: Envelope, pick: Pick) -> etree._Element:
    """A Response with one Assertion about the person, not yet signed.

    A request that asks for contexts which the person did not meet is answered with NoAuthnContext.
    """
    context = _context(envelope.request, pick)
    if context is None:
        return refused(envelope, "NoAuthnContext")
    response = _response(envelope)
    _status(response, "Success")
    _assertion(response, envelope, pick, context)
    return response


def refused(envelope: Envelope, second_code: str) -> etree._Element:
    """A Response without an Assertion: AuthnFailed, NoPassive or NoAuthnContext (SAML Core 3.2.2.2)."""
    response = _response(envelope)
    _status(response, "Responder", second_code)
    return response


def _context(request: AuthnRequest, pick: Pick) -> str | None:
    if not request.contexts or pick.context in request.contexts:
        return pick.context
    # A person with a second factor also met the plain context, so saying only that is true.
    return PASSWORD_CONTEXT if pick.mfa and PASSWORD_CONTEXT in request.contexts else None


def _response(envelope: Envelope) -> etree._Element:
    response = etree.Element(
        f"{{{SAMLP}}}Response",
        {
            "ID": new_id(),
            "Version": "2.0",
            "IssueInstant": instant(envelope.now),
            "Destination": envelope.application.acs,
            "InResponseTo": envelope.request.id,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    _add(response, "Issuer", envelope.addresses.saml_entity_id)
    return response


def _status(response: etree._Element, code: str, second_code: str = "") -> None:
    status = etree.SubElement(response, f"{{{SAMLP}}}Status")
    top = etree.SubElement(status, f"{{{SAMLP}}}StatusCode", {"Value": STATUS + code})
    if second_code:
        etree.SubElement(top, f"{{{SAMLP}}}StatusCode", {"Value": STATUS + second_code})


def _assertion(response: etree._Element, envelope: Envelope, pick: Pick, context: str) -> None:
    assertion = _add(response, "Assertion", ID=new_id(), Version="2.0", IssueInstant=instant(envelope.now))
    _add(assertion, "Issuer", envelope.addresses.saml_entity_id)
    _subject(assertion, envelope, pick)
    end = instant(envelope.now + LIFE)
    conditions = _add(assertion, "Conditions", NotBefore=instant(envelope.now), NotOnOrAfter=end)
    _add(_add(conditions, "AudienceRestriction"), "Audience", envelope.application.entity_id)
    session_end = instant(envelope.now + SESSION)
    statement = _add(
        assertion,
        "AuthnStatement",
        AuthnInstant=instant(pick.at),
        SessionIndex=envelope.session,
        SessionNotOnOrAfter=session_end,
    )
    _add(_add(statement, "AuthnContext"), "AuthnContextClassRef", context)
    _attributes(assertion, pick)


def _subject(assertion: etree._Element, envelope: Envelope, pick: Pick) -> None:
    subject = _add(assertion, "Subject")
    ours, theirs = envelope.addresses.saml_entity_id, envelope.application.entity_id
    _add(subject, "NameID", pick.member.subject, Format=PERSISTENT, NameQualifier=ours, SPNameQualifier=theirs)
    _add(
        _add(subject, "SubjectConfirmation", Method=BEARER),
        "SubjectConfirmationData",
        InResponseTo=envelope.request.id,
        NotOnOrAfter=instant(envelope.now + LIFE),
        Recipient=envelope.application.acs,
    )


def _attributes(assertion: etree._Element, pick: Pick) -> None:
    statement = _add(assertion, "AttributeStatement")
    for name, values in attributes(pick).items():
        attribute = _add(statement, "Attribute", Name=name, NameFormat=BASIC)
        for value in values:
            _add(attribute, "AttributeValue", value)


def attributes(pick: Pick) -> dict[str, tuple[str, ...]]:
    """What is said about a person. No groups: an attribute without values. Groups unknown: no attribute."""
    member = pick.member
    said: dict[str, tuple[str, ...]] = {
        "uid": (member.key,),
        "email": (member.email,),
        "displayName": (member.display_name,),
        "department": (member.department,),
        "costCenter": (member.cost_center,),
    }
    return said if member.groups is None else {**said, "groups": member.groups}


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{SAML}}}{name}", attributes)
    child.text = text
    return child


def new_id() -> str:
    """128 random bits; an xs:ID may not start with a digit."""
    return f"_{secrets.token_hex(16)}"


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
