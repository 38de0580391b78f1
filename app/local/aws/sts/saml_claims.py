"""What the assertion says: for whom it is, how long it counts, and AWS's attributes.

Source: IAM User Guide, "Configure SAML assertions for the authentication response".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from app.local.aws import arns
from app.local.aws.refusals import bad_saml_response, bad_token, expired
from app.local.aws.sts.saml_signature import invalid_response
from app.local.aws.sts.xml import SAML, text_of

REDEEM_WITHIN = timedelta(minutes=5)
AUDIENCES = {
    "aws": "urn:amazon:webservices",
    "aws-us-gov": "urn:amazon:webservices:govcloud",
    "aws-cn": "urn:amazon:webservices:cn-north-1",
}
SIGN_IN_HOSTS = {
    "aws": "signin.aws.amazon.com",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-cn": "signin.amazonaws.cn",
}
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_SAML1, _SAML2 = "urn:oasis:names:tc:SAML:1.1:nameid-format:", "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_UNSPECIFIED = _SAML1 + "unspecified"
FORMATS = {_SAML2 + name for name in ("persistent", "transient", "kerberos", "entity")} | {
    _SAML1 + name for name in ("emailAddress", "unspecified", "X509SubjectName", "WindowsDomainQualifiedName")
}


@dataclass(frozen=True, slots=True)
class Subject:
    """`recipient` is what AWS calls the audience in its reply and in `saml:aud`."""

    name: str
    format: str
    recipient: str
    session_ends: datetime | None

    @property
    def short_format(self) -> str:
        return self.format.removeprefix(_SAML2)


def read_subject(assertion: etree._Element, partition: str, now: datetime) -> Subject:
    """Raises InvalidIdentityToken or ExpiredTokenException."""
    _check_audience(assertion, partition)
    recipient, ends = _confirmation(assertion, partition)
    _check_times(assertion, ends, now)
    node = assertion.find(f"{SAML}Subject/{SAML}NameID")
    name = text_of(node).strip()
    name_format = node.get("Format", _UNSPECIFIED) if node is not None else _UNSPECIFIED
    if name_format not in FORMATS:
        raise invalid_response()
    return Subject(name, name_format, recipient, _session_end(assertion, now))


def _check_audience(assertion: etree._Element, partition: str) -> None:
    restrictions = assertion.findall(f"{SAML}Conditions/{SAML}AudienceRestriction")
    for restriction in restrictions:
        if AUDIENCES[partition] not in [text_of(node).strip() for node in restriction.iterfind(f"{SAML}Audience")]:
            raise bad_saml_response("Response does not contain the required audience.")
    if not restrictions:
        raise bad_saml_response("Response does not contain the required audience.")


def _confirmation(assertion: etree._Element, partition: str) -> tuple[str, datetime]:
    found = assertion.findall(f"{SAML}Subject/{SAML}SubjectConfirmation")
    if len(found) != 1 or found[0].get("Method") != _BEARER:
        raise invalid_response()
    data = found[0].find(f"{SAML}SubjectConfirmationData")
    if data is None or not data.get("NotOnOrAfter") or not data.get("Recipient"):
        raise invalid_response()
    recipient = str(data.get("Recipient"))
    if not is_recipient(recipient, partition):
        raise bad_saml_response("Response does not contain the required recipient.")
    return recipient, moment(str(data.get("NotOnOrAfter")))


def is_recipient(recipient: str, partition: str) -> bool:
    """Byte for byte `https://[REGION.]HOST/saml`, the region being one of the partition."""
    pattern = rf"https://(?:({arns.REGION.pattern})\.)?{re.escape(SIGN_IN_HOSTS[partition])}/saml"
    found = re.fullmatch(pattern, recipient)
    return found is not None and (found[1] is None or arns.partition_of(found[1]) == partition)


def _check_times(assertion: etree._Element, confirmation_ends: datetime, now: datetime) -> None:
    conditions = assertion.find(f"{SAML}Conditions")
    ends = [confirmation_ends]
    if conditions is not None and (limit := conditions.get("NotOnOrAfter")):
        ends.append(moment(limit))
    if now >= min(ends):
        raise expired("Response has expired")
    issued = moment(str(assertion.get("IssueInstant")))
    if now > issued + REDEEM_WITHIN:
        raise expired("Token must be redeemed within 5 minutes of issuance")
    begins = moment(str(conditions.get("NotBefore"))) if conditions is not None and conditions.get("NotBefore") else now
    if now < begins or issued > now + REDEEM_WITHIN:
        raise bad_token("Response is not yet valid")


def _session_end(assertion: etree._Element, now: datetime) -> datetime | None:
    statement = assertion.find(f"{SAML}AuthnStatement")
    if statement is None:
        raise invalid_response()
    limit = statement.get("SessionNotOnOrAfter")
    if not limit:
        return None
    ends = moment(limit)
    if ends <= now:
        raise expired("Response has expired")
    return ends


def moment(text: str) -> datetime:
    """xs:dateTime in UTC, as SAML demands (SAML Core 1.3.3)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_response() from None
    if found.tzinfo is None or found.utcoffset() != timedelta(0):
        raise invalid_response()
    return found.astimezone(UTC)


def attributes(assertion: etree._Element) -> Mapping[str, tuple[str, ...]]:
    """Values by name, as written: blanks are part of a value. A name may stand only once."""
    found: dict[str, tuple[str, ...]] = {}
    for node in assertion.iterfind(f"{SAML}AttributeStatement/{SAML}Attribute"):
        name = str(node.get("Name"))
        if name in found:
            raise invalid_response()
        found[name] = tuple(text_of(value) for value in node.iterfind(f"{SAML}AttributeValue"))
    return found
