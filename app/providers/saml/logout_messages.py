"""The messages of Single Logout that we send: LogoutRequest (core 3.7.1) and LogoutResponse (3.7.2).

Unsigned: each binding has its own place for a signature (`redirect_binding`, `post_binding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from app.providers.saml import logout_names
from app.providers.saml.instants import LONGEST, written
from app.providers.saml.names import SAML, SAMLP, SUCCESS, saml, samlp

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
RESPONDER, PARTIAL_LOGOUT = STATUS + "Responder", STATUS + "PartialLogout"
_BY_THE_PERSON = "urn:oasis:names:tc:SAML:2.0:logout:user"


def request(
    entity_id: str, destination: str, message_id: str, upstream: Mapping[str, str], now: datetime
) -> etree._Element:
    """For the session that `upstream` names."""
    message = _message("LogoutRequest", entity_id, destination, message_id, now)
    # Found in a history a week later, it must not end the session of that week.
    message.set("NotOnOrAfter", written(now + LONGEST))
    message.set("Reason", _BY_THE_PERSON)
    logout_names.write(message, upstream)
    return message


def response(
    entity_id: str, destination: str, message_id: str, request_id: str, succeeded: bool, now: datetime
) -> etree._Element:
    """`succeeded` False: something could not be ended, and whoever asked must not believe that all is over."""
    message = _message("LogoutResponse", entity_id, destination, message_id, now)
    message.set("InResponseTo", request_id)
    status = etree.SubElement(message, samlp("Status"))
    code = etree.SubElement(status, samlp("StatusCode"), {"Value": SUCCESS if succeeded else RESPONDER})
    if not succeeded:
        etree.SubElement(code, samlp("StatusCode"), {"Value": PARTIAL_LOGOUT})
    return message


def _message(name: str, entity_id: str, destination: str, message_id: str, now: datetime) -> etree._Element:
    attributes = {"ID": message_id, "Version": "2.0", "IssueInstant": written(now), "Destination": destination}
    message = etree.Element(samlp(name), attributes, nsmap={"samlp": SAMLP, "saml": SAML})
    etree.SubElement(message, saml("Issuer")).text = entity_id
    return message
