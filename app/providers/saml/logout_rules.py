"""Is this logout message for us, from this provider, and for now? (profiles 4.4.4; core 3.7)

To be asked of a message whose signature holds. What is absent is refused, as at a sign-in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.instants import SKEW, instant
from app.providers.saml.logout_messages import PARTIAL_LOGOUT
from app.providers.saml.names import SUCCESS, ds, saml, samlp
from app.providers.saml.peers import ServiceProvider, TrustedProvider

OLDEST = timedelta(minutes=5)  # a browser carries it from one redirect to the next
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_COMMON = frozenset({saml("Issuer"), ds("Signature"), samlp("Extensions")})
_REQUEST_CHILDREN = _COMMON | {saml("NameID"), saml("EncryptedID"), samlp("SessionIndex")}
_RESPONSE_CHILDREN = _COMMON | {samlp("Status")}


def check_request(root: etree._Element, us: ServiceProvider, them: TrustedProvider, now: datetime) -> datetime:
    """Answers until when it could be used again, which is how long it must be remembered."""
    _check_message(root, "LogoutRequest", _REQUEST_CHILDREN, us, them)
    ends = root.get("NotOnOrAfter")
    if ends is not None and now >= instant(ends, "saml.logout.structure") + SKEW:
        raise refused("saml.logout.expired")
    return _check_issued(root, now)


def check_response(
    root: etree._Element, us: ServiceProvider, them: TrustedProvider, request_id: str, now: datetime
) -> None:
    _check_message(root, "LogoutResponse", _RESPONSE_CHILDREN, us, them)
    if not request_id or root.get("InResponseTo") != request_id:
        raise refused("saml.logout.in-response-to")
    _check_issued(root, now)


def all_is_over(response: etree._Element) -> bool:
    """Success, and no word of a session that goes on. PartialLogout stands below Success or below a failure."""
    codes = response.findall(f"{samlp('Status')}/{samlp('StatusCode')}")
    if len(codes) != 1:
        raise refused("saml.logout.structure")
    said = {code.get("Value") for code in codes[0].iter(samlp("StatusCode"))}
    return codes[0].get("Value") == SUCCESS and PARTIAL_LOGOUT not in said


def _check_message(
    root: etree._Element, name: str, children: frozenset[str], us: ServiceProvider, them: TrustedProvider
) -> None:
    if root.tag != samlp(name) or root.get("Version") != "2.0" or not root.get("ID"):
        raise refused("saml.logout.structure")
    if any(child.tag not in children for child in root):
        raise refused("saml.logout.structure")
    if not us.slo or root.get("Destination") != us.slo:
        raise refused("saml.logout.destination")
    _check_issuer(root, them)


def _check_issuer(root: etree._Element, them: TrustedProvider) -> None:
    issuers = root.findall(saml("Issuer"))
    if len(issuers) != 1 or len(issuers[0]) or issuers[0].text != them.entity_id:
        raise refused("saml.logout.issuer")
    if issuers[0].get("Format") not in (None, _ENTITY):
        raise refused("saml.logout.issuer")


def _check_issued(root: etree._Element, now: datetime) -> datetime:
    issued = instant(root.get("IssueInstant"), "saml.logout.structure")
    if issued > now + SKEW:
        raise refused("saml.logout.too-early")
    if now >= issued + OLDEST + SKEW:
        raise refused("saml.logout.expired")
    return issued + OLDEST + SKEW
