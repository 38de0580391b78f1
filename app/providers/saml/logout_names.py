"""Who is meant by a logout: the provider's own words for the person and for the session, kept from the sign-in.

A provider finds its session by the NameID exactly as it gave it, attributes included (core 3.7.1); a NameID made again
from the subject alone is one that SimpleSAMLphp, AD FS and Entra ID do not know.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.names import TRANSIENT, saml, samlp
from app.providers.text import SUBJECT_BYTES, VALUE_BYTES, is_plain

_ATTRIBUTES = ("Format", "NameQualifier", "SPNameQualifier", "SPProvidedID")
_NAME, _INDEX = "name_id", "session_index"
MOST_SESSIONS = 100  # of one person at one provider; a list of thousands is not about a person


def kept(assertion: etree._Element) -> dict[str, str]:
    """What a checked assertion says, for `Arrival.upstream`: the NameID, its attributes and the SessionIndex."""
    name = assertion.find(f"{saml('Subject')}/{saml('NameID')}")
    if name is None or not name.text:
        return {}
    found = {_NAME: name.text} | {f"{_NAME}.{key}": str(name.get(key)) for key in _ATTRIBUTES if key in name.attrib}
    index = session_index(assertion)
    return found | ({_INDEX: index} if index else {})


def session_index(assertion: etree._Element) -> str:
    """The provider's name for its session; empty if it gave none, or one that nobody could write down."""
    statement = assertion.find(saml("AuthnStatement"))
    index = "" if statement is None else statement.get("SessionIndex") or ""
    return index if is_plain(index, VALUE_BYTES) else ""


def is_known(upstream: Mapping[str, str]) -> bool:
    return bool(upstream.get(_NAME))


def write(request: etree._Element, upstream: Mapping[str, str]) -> None:
    """The NameID and SessionIndex of a LogoutRequest, from what `kept` found."""
    attributes = {key: upstream[f"{_NAME}.{key}"] for key in _ATTRIBUTES if f"{_NAME}.{key}" in upstream}
    etree.SubElement(request, saml("NameID"), attributes).text = upstream[_NAME]
    if upstream.get(_INDEX):
        etree.SubElement(request, samlp("SessionIndex")).text = upstream[_INDEX]


def subject(name_id: etree._Element, entity_ids: tuple[str, ...]) -> str:
    """The person whom the NameID of a verified LogoutRequest means, by the rules of the sign-in (`people`): the whole
    text or nothing (X10).

    `entity_ids` are the names under which the provider knows us. The format is not compared: here a person is the text
    of the NameID, so that the text is whom it ends.
    """
    if name_id.get("SPNameQualifier") not in (None, *entity_ids):
        raise refused("saml.logout.subject")
    if name_id.get("Format") == TRANSIENT:  # nobody is signed in here under a name of that kind
        raise refused("saml.logout.subject")
    return _text(name_id, SUBJECT_BYTES)


def sessions(request: etree._Element) -> tuple[str, ...]:
    """The sessions that are to end; none listed means all of the person (core 3.7.1)."""
    found = request.findall(samlp("SessionIndex"))
    if len(found) > MOST_SESSIONS:
        raise refused("saml.logout.too-large")
    return tuple(_text(index, VALUE_BYTES) for index in found)


def _text(element: etree._Element, most_bytes: int) -> str:
    text = element.text or ""
    if not text or len(element) or not is_plain(text, most_bytes):
        raise refused("saml.logout.text")
    return text
