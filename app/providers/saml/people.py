"""From a checked assertion to an `Identity`: the subject, the name, the groups, and what the operator asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from app.core.identity import Identity
from app.providers.refusals import groups_missing, groups_overage, refused, value_missing
from app.providers.saml.instants import SKEW, instant
from app.providers.saml.logout_names import session_index
from app.providers.saml.names import TRANSIENT, saml
from app.providers.settings import SamlSettings
from app.providers.text import GROUP_BYTES, MOST_GROUPS, SUBJECT_BYTES, VALUE_BYTES, is_plain

_ENTRA_POINTER = "http://schemas.microsoft.com/claims/groups.link"

Values = Mapping[str, tuple[etree._Element, ...]]


def identity(assertion: etree._Element, settings: SamlSettings, our_entity_id: str, now: datetime) -> Identity:
    """The person of this assertion. Raises SignInRefused or GroupsUnknown."""
    attributes = _attributes(assertion, settings)
    subject = _subject(assertion, our_entity_id)
    authenticated_at, context, ends_at = _authentication(assertion, now)
    return Identity(
        provider=settings.id,
        subject=subject,
        name=_name(attributes, settings, subject),
        groups=_groups(attributes, settings),
        authenticated_at=authenticated_at,
        verified_at=now,
        email=_email(attributes, settings, subject),
        attributes={name: _texts(attributes[name], VALUE_BYTES) for name in settings.attributes if name in attributes},
        mfa=context in settings.mfa_contexts,
        sid=session_index(assertion),
        ends_at=ends_at,
    )


def _attributes(assertion: etree._Element, settings: SamlSettings) -> Values:
    """The attributes that are used, by their Name. One that comes twice is refused: two readers would take
    different halves. What nobody reads may come as it likes (Keycloak sends every role as a "Role" of its own).
    """
    used = {settings.groups_attribute, settings.name_attribute, settings.email_attribute, *settings.attributes}
    found: dict[str, tuple[etree._Element, ...]] = {}
    for attribute in assertion.iterfind(f"{saml('AttributeStatement')}/{saml('Attribute')}"):
        name = attribute.get("Name") or ""
        if name not in used and name != _ENTRA_POINTER:
            continue
        if name in found:
            raise refused("saml.attribute-twice")
        found[name] = tuple(attribute.findall(saml("AttributeValue")))
    return found


def _text(element: etree._Element, most_bytes: int) -> str:
    """The whole text of an element that has nothing else inside; `.text` alone would stop at the first child."""
    text = element.text or ""
    if len(element) or not is_plain(text, most_bytes):
        raise refused("saml.text")
    return text


def _texts(elements: tuple[etree._Element, ...], most_bytes: int) -> tuple[str, ...]:
    """The values that are not empty: an empty element is how SAML writes "no value" (core 2.7.3.1.1)."""
    return tuple(text for text in (_text(element, most_bytes) for element in elements) if text)


def _subject(assertion: etree._Element, our_entity_id: str) -> str:
    found = assertion.findall(f"{saml('Subject')}/{saml('NameID')}")
    if len(found) != 1:
        raise refused("saml.subject")
    if found[0].get("Format") == TRANSIENT:  # somebody else tomorrow, as far as anybody can tell
        raise refused("saml.transient-subject")
    if found[0].get("SPNameQualifier") not in (None, our_entity_id):
        raise refused("saml.subject")
    subject = _text(found[0], SUBJECT_BYTES)
    if not subject:
        raise refused("saml.subject")
    return subject


def _authentication(assertion: etree._Element, now: datetime) -> tuple[datetime, str, datetime | None]:
    """When and how the provider saw the person, and until when it vouches for that, if it says so."""
    statements = assertion.findall(saml("AuthnStatement"))
    if len(statements) != 1:
        raise refused("saml.authn-statement")
    seen = instant(statements[0].get("AuthnInstant"), "saml.authn-statement")
    if seen > now + SKEW:
        raise refused("saml.too-early")
    said = statements[0].get("SessionNotOnOrAfter")
    ends_at = None if said is None else instant(said, "saml.authn-statement") + SKEW
    if ends_at is not None and now >= ends_at:
        raise refused("saml.session-expired")
    contexts = statements[0].findall(f"{saml('AuthnContext')}/{saml('AuthnContextClassRef')}")
    context = _text(contexts[0], VALUE_BYTES) if len(contexts) == 1 else ""
    return min(seen, now), context, ends_at


def _groups(attributes: Values, settings: SamlSettings) -> frozenset[str]:
    elements = attributes.get(settings.groups_attribute)
    if elements is None and _ENTRA_POINTER in attributes:
        raise groups_overage("saml", settings.label)
    if elements is None:
        raise groups_missing("saml", settings.label, settings.groups_attribute)
    if len(elements) > MOST_GROUPS:
        raise refused("saml.too-many-groups")
    return frozenset(_texts(elements, GROUP_BYTES))


def _name(attributes: Values, settings: SamlSettings, subject: str) -> str:
    if settings.name_attribute == "NameID":
        return subject
    names = _texts(attributes.get(settings.name_attribute, ()), SUBJECT_BYTES)
    if len(names) != 1:
        raise value_missing("saml", settings.label, settings.name_attribute)
    return names[0]


def _email(attributes: Values, settings: SamlSettings, subject: str) -> str:
    """For people to read. It identifies nobody, so that a missing one is no reason to refuse."""
    if settings.email_attribute == "NameID":
        return subject
    addresses = _texts(attributes.get(settings.email_attribute, ()), VALUE_BYTES)
    return addresses[0] if addresses else ""
