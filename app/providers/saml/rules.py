"""Is this assertion for us, for this sign-in, from this provider, and now? (profiles 4.1.4.3)

python3-saml refuses most wrong values; absent ones it takes for agreement. Here everything that the
profile requires must be there, exactly once, and exactly right. `request_id` is None for an answer that
nobody here asked for: then it may not answer anybody else's request either.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.instants import LONGEST, SKEW, instant
from app.providers.saml.names import BEARER, saml
from app.providers.saml.peers import ServiceProvider, TrustedProvider


def check_response(
    response: etree._Element, us: ServiceProvider, them: TrustedProvider, request_id: str | None
) -> None:
    """The envelope. It may be unsigned, so that what it says only ever refuses."""
    if response.get("Version") != "2.0":
        raise refused("saml.structure")
    if response.get("Destination") != us.acs:  # the library takes an absent one, and any that begins with ours
        raise refused("saml.destination")
    if response.get("InResponseTo") != request_id:
        raise refused("saml.in-response-to")
    _check_issuer(response, them)


def check_assertion(
    assertion: etree._Element, us: ServiceProvider, them: TrustedProvider, request_id: str | None, now: datetime
) -> datetime:
    """The signed part. Answers until when it could be used again, which is how long it must be remembered."""
    if assertion.tag != saml("Assertion") or assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise refused("saml.structure")
    _check_issuer(assertion, them)
    _check_issued(instant(assertion.get("IssueInstant"), "saml.structure"), now)
    confirmed_until = _check_confirmation(assertion, us, request_id)
    _check_end(confirmed_until, them, now)
    valid_until = _check_conditions(assertion, us, them, now)
    return max(confirmed_until, valid_until) + SKEW


def _check_issued(issued: datetime, now: datetime) -> None:
    """It answers a request of the last ten minutes, so it cannot be older, whatever validity it claims."""
    if issued > now + SKEW:
        raise refused("saml.too-early")
    if now - issued > LONGEST + SKEW:
        raise refused("saml.expired")


def _check_issuer(element: etree._Element, them: TrustedProvider) -> None:
    issuers = element.findall(saml("Issuer"))
    if len(issuers) != 1 or len(issuers[0]) or issuers[0].text != them.entity_id:
        raise refused("saml.issuer")


def _check_confirmation(assertion: etree._Element, us: ServiceProvider, request_id: str | None) -> datetime:
    """One bearer confirmation, meant for our address and our request; more would be a choice of the weakest."""
    found = assertion.findall(f"{saml('Subject')}/{saml('SubjectConfirmation')}")
    if len(found) != 1 or found[0].get("Method") != BEARER:
        raise refused("saml.subject-confirmation")
    data = found[0].find(saml("SubjectConfirmationData"))
    if data is None or data.get("NotBefore") is not None or data.get("Recipient") != us.acs:
        raise refused("saml.subject-confirmation")
    if data.get("InResponseTo") != request_id:
        raise refused("saml.in-response-to")
    return instant(data.get("NotOnOrAfter"), "saml.subject-confirmation")


def _check_conditions(assertion: etree._Element, us: ServiceProvider, them: TrustedProvider, now: datetime) -> datetime:
    found = assertion.findall(saml("Conditions"))
    if len(found) != 1:
        raise refused("saml.conditions")
    since = instant(found[0].get("NotBefore"), "saml.conditions")
    until = instant(found[0].get("NotOnOrAfter"), "saml.conditions")
    if now + SKEW < since:
        raise refused("saml.too-early")
    _check_end(until, them, now)
    _check_audience(found[0], us)
    return until


def _check_end(until: datetime, them: TrustedProvider, now: datetime) -> None:
    if now >= until + SKEW:
        raise refused("saml.expired")
    if until > now + them.max_validity + SKEW:  # an assertion good for years is a password
        raise refused("saml.validity-too-long")


def _check_audience(conditions: etree._Element, us: ServiceProvider) -> None:
    audiences = conditions.findall(f"{saml('AudienceRestriction')}/{saml('Audience')}")
    if len(audiences) != 1 or len(audiences[0]) or audiences[0].text != us.entity_id:
        raise refused("saml.audience")
