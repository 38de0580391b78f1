"""LogoutRequest and LogoutResponse (SAML Core 3.7): made here, and read with the same eye for what must be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from app.local.idp.authn_request import PERSISTENT, SAML, SAMLP, check_age, parse, refused
from app.local.idp.given_sessions import GivenSession
from app.local.idp.registration import Addresses, SamlApplication
from app.local.idp.saml_response import LIFE, STATUS, instant, new_id


@dataclass(frozen=True, slots=True)
class Between:
    """Who writes to whom, and when."""

    application: SamlApplication
    addresses: Addresses
    now: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A LogoutRequest of the application."""

    id: str
    subject: str
    indexes: tuple[str, ...]


def request(between: Between, session: GivenSession) -> bytes:
    message = _message("LogoutRequest", between)
    message.set("NotOnOrAfter", instant(between.now + LIFE))
    name = etree.SubElement(message, f"{{{SAML}}}NameID", _name_attributes(between))
    name.text = session.member.subject
    etree.SubElement(message, f"{{{SAMLP}}}SessionIndex").text = session.index
    return etree.tostring(message)


def response(between: Between, request_id: str) -> bytes:
    """Always a success: what ends here is a memory, and a session that is not known is over as well."""
    message = _message("LogoutResponse", between)
    message.set("InResponseTo", request_id)
    status = etree.SubElement(message, f"{{{SAMLP}}}Status")
    etree.SubElement(status, f"{{{SAMLP}}}StatusCode", {"Value": f"{STATUS}Success"})
    return etree.tostring(message)


def read_request(xml: bytes, between: Between) -> Asked:
    """Raises RefusedRequest. The NameID must be the one that was given, its attributes included (core 3.7.1)."""
    root = _read(xml, "LogoutRequest", between)
    name = root.find(f"{{{SAML}}}NameID")
    if name is None or {str(k): str(v) for k, v in name.attrib.items()} != _name_attributes(between):
        raise refused("The LogoutRequest names nobody as this provider names people.", "name_id")
    indexes = tuple(index.text or "" for index in root.findall(f"{{{SAMLP}}}SessionIndex"))
    return Asked(root.get("ID", ""), name.text or "", indexes)


def read_response(xml: bytes, between: Between, request_id: str) -> bool:
    """Whether the application says that it is done. Raises RefusedRequest."""
    root = _read(xml, "LogoutResponse", between)
    if root.get("InResponseTo") != request_id:
        raise refused("The LogoutResponse answers something else.", "in_response_to")
    code = root.find(f"{{{SAMLP}}}Status/{{{SAMLP}}}StatusCode")
    return code is not None and code.get("Value") == f"{STATUS}Success"


def _read(xml: bytes, name: str, between: Between) -> etree._Element:
    root = parse(xml, name)
    if root.findtext(f"{{{SAML}}}Issuer") != between.application.entity_id:
        raise refused("The application that asks is not registered here.", "issuer")
    if root.get("Destination") != between.addresses.saml_slo:
        raise refused("The message was made for another identity provider.", "destination")
    check_age(root, between.now)
    return root


def _message(name: str, between: Between) -> etree._Element:
    attributes = {
        "ID": new_id(),
        "Version": "2.0",
        "IssueInstant": instant(between.now),
        "Destination": between.application.slo,
    }
    message = etree.Element(f"{{{SAMLP}}}{name}", attributes, nsmap={"samlp": SAMLP, "saml": SAML})
    etree.SubElement(message, f"{{{SAML}}}Issuer").text = between.addresses.saml_entity_id
    return message


def _name_attributes(between: Between) -> dict[str, str]:
    return {
        "Format": PERSISTENT,
        "NameQualifier": between.addresses.saml_entity_id,
        "SPNameQualifier": between.application.entity_id,
    }
