"""From what the browser brought to a message that its signature vouches for: the same discipline for both bindings.

Single Logout is worth forging: whoever can end the sessions of others keeps them from working. So a message without a
signature is refused, whatever the metadata wants.

    redirect -> signature over the raw query -> inflate with a limit -> parse -> shape
    post     -> size and base64 -> parse -> shape -> the one signature -> the octets that it signed, parsed again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from app.providers.refusals import refused
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.names import ds
from app.providers.saml.prefilter import check_shape, decode, parse
from app.providers.saml.redirect_binding import Field, verified
from app.providers.saml.signatures import check_signature
from app.providers.saml.signed import signed_element

MOST_RELAY_STATE = 80  # bytes (bindings 3.4.3)


@dataclass(frozen=True, slots=True)
class Signed:
    """A message of the provider, beyond doubt its own. Whether it is for us, and for now, is still to be asked."""

    root: etree._Element = field(repr=False)
    relay_state: str = field(repr=False)


def signed_message(message: Incoming, expected: Field, certificates: tuple[str, ...]) -> Signed:
    """Raises SignInRefused unless this is one message of the expected kind, signed by one of these certificates."""
    if message.binding == "post":
        return _posted(message.form, expected, certificates)
    found = verified(message.query, certificates)
    if found.kind is not expected:
        raise refused("saml.logout.binding")
    root = parse(found.xml)
    check_shape(root)
    if any(True for _ in root.iter(ds("Signature"))):  # two signatures would be two opinions of who signed what
        raise refused("saml.logout.signature-structure")
    return Signed(root, _opaque(found.relay_state))


def _posted(form: Mapping[str, str], expected: Field, certificates: tuple[str, ...]) -> Signed:
    if [name for name in Field if name.value in form] != [expected]:
        raise refused("saml.logout.binding")
    root = parse(decode(form[expected.value]))
    check_shape(root)
    _check_signature(root)
    return Signed(signed_element(root, certificates), _opaque(form.get("RelayState", "")))


def _check_signature(root: etree._Element) -> None:
    """One, the message's own, and nothing of XML Signature anywhere else; under whatever namespace it calls itself."""
    found = [node for node in root.iter() if etree.QName(node).localname == "Signature"]
    if not found:
        raise refused("saml.logout.unsigned")
    if len(found) != 1 or found[0].tag != ds("Signature") or found[0].getparent() is not root:
        raise refused("saml.logout.signature-structure")
    check_signature(found[0], root)
    if sum(1 for _ in root.iter(ds("SignedInfo"), ds("Reference"), ds("Object"), ds("Manifest"))) != 2:
        raise refused("saml.logout.signature-structure")


def _opaque(relay_state: str) -> str:
    """Carried back as it came and never looked into: an address in it would be a redirect for strangers (X13)."""
    if len(relay_state.encode()) > MOST_RELAY_STATE:
        raise refused("saml.logout.relay-state")
    return relay_state
