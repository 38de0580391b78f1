"""X16 once more, for the binding that signs XML: wrapping, what a signature may look like, and encrypted names."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator

import requests
from bs4 import BeautifulSoup
from lxml import etree

from tests.catalogue.alive import SignedIn
from tests.catalogue.homes import Homes, SamlHome
from tests.catalogue.row import Outcome, Row, ends, refused
from tests.catalogue.saml_encrypted import _FILES, certificate
from tests.catalogue.saml_endings import message_of, posted, sent, told
from tests.catalogue.stage import Person, Stage
from tests.forges.saml import DS, EXC, SAML, SAMLP, Signing
from tests.forges.saml_encryption import AES128_CBC, RSA_1_5, Encrypting, envelope
from tests.forges.saml_logout import POST, SLO, LogoutForge

_ANSWERS = f"{SLO}/answers"
HOMES: Homes = {
    "slo-post": SamlHome(
        LogoutForge,
        metadata=lambda forge: forge.metadata(slo=((POST, SLO, _ANSWERS),)),
        more='key_files = ["gateway-saml.pem"]',
        files=_FILES,
    )
}
_SHAPES: tuple[tuple[str, Signing, str], ...] = (
    ("an empty reference", Signing(uri=""), "signature-reference"),
    ("a reference to another", Signing(uri="#_other"), "signature-reference"),
    ("two references", Signing(references=2), "signature-structure"),
    ("without the enveloped transform", Signing(transforms=(EXC,)), "signature-transform"),
    ("SHA-1 digest", Signing(digest=DS + "sha1"), "signature-algorithm"),
    ("RSA-SHA1", Signing(method=DS + "rsa-sha1"), "signature-algorithm"),
    ("another digest", Signing(digest_value="AAAA"), "signed-octets"),
)
_ENCRYPTED: tuple[tuple[str, Encrypting, str], ...] = (
    ("a broken tag", Encrypting(broken=True), "decryption"),
    ("wrapped to nobody", Encrypting(wrapped=os.urandom(256)), "decryption"),
    ("no name inside", Encrypting(plaintext=b"<a/>"), "decryption"),
    ("AES-CBC", Encrypting(AES128_CBC), "encryption-algorithm"),
    ("RSA 1.5", Encrypting(wrapping=RSA_1_5), "encryption-algorithm"),
)


def rows() -> Iterator[Row]:
    yield ends("X16 control answered by post", lambda stage: told(stage, _answered_by_form, "slo-post"))
    for name, how, reason in _SHAPES:
        act = posted(lambda p, forge, h=how: forge.form(message_of(p, forge), signing=h))
        yield refused(f"X16 post, {name}", f"saml.logout.{reason}", act)
    yield refused("X16 post, two signatures", "saml.logout.signature-structure", posted(_twice_signed))
    yield refused("X16 post, 5000 elements", "saml.logout.too-large", posted(_crowded))
    large = {"SAMLRequest": "A" * (48 * 1024)}
    yield refused("X16 post, a body of more than 48 KiB", "saml.logout.too-large", posted(lambda _p, _forge: large))
    for name, wrap, reason in (
        ("inside Extensions", _inside, "signature-structure"),
        ("the signature taken along", _taken_along, "signature-reference"),
        ("under the same ID", _same_id, "id"),
    ):
        yield refused(f"X16 post, wrapped {name}", f"saml.logout.{reason}", _wrapped(wrap))
    yield ends("X16 control an encrypted name", _encrypted(Encrypting()))
    for name, sealed, reason in _ENCRYPTED:
        yield refused(f"X16 post, an encrypted name, {name}", f"saml.logout.{reason}", _encrypted(sealed))


def _answered_by_form(person: SignedIn, forge: LogoutForge, sender: Person) -> requests.Response:
    """The page that comes back takes our answer on, with a button for whoever runs no scripts."""
    answer = sent("post", person, sender, forge.form(message_of(person, forge), "<&\"'>"))
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form[method=post]")
    assert form is not None, answer.text
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    assert (form["action"], set(fields)) == (_ANSWERS, {"SAMLResponse", "RelayState"})
    assert fields["RelayState"] == "<&\"'>"
    assert form.select_one("button:not([name])")
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self' https:;" in policy
    assert "script-src 'nonce-" in policy
    return answer


def _twice_signed(person: SignedIn, forge: LogoutForge) -> dict[str, str]:
    message = message_of(person, forge)
    forge.sign(message)
    return forge.form(message)


def _crowded(person: SignedIn, forge: LogoutForge) -> dict[str, str]:
    message = message_of(person, forge)
    crowd = etree.SubElement(message, f"{{{SAMLP}}}Extensions")
    crowd.append(etree.fromstring('<a xmlns="urn:x">' + "<a/>" * 5000 + "</a>"))
    return forge.form(message)


Wrap = Callable[[etree._Element, etree._Element], object]


def _wrapped(wrap: Wrap) -> Callable[[Stage], Outcome]:
    """A signed request about bob, and another one about alice around it or beside it."""

    def make(person: SignedIn, forge: LogoutForge) -> dict[str, str]:
        original, evil = message_of(person, forge, name="bob"), message_of(person, forge)
        forge.sign(original)
        extensions = etree.Element(f"{{{SAMLP}}}Extensions")
        extensions.append(original)
        evil.insert(1, extensions)
        wrap(evil, original)
        return {"SAMLRequest": forge.encode(evil)}

    return posted(make)


def _inside(_evil: etree._Element, _original: etree._Element) -> None:
    """The signature stays with the original."""


def _taken_along(evil: etree._Element, original: etree._Element) -> None:
    evil.insert(1, copy.deepcopy(original[1]))
    original.remove(original[1])


def _same_id(evil: etree._Element, original: etree._Element) -> None:
    _taken_along(evil, original)
    evil.set("ID", str(original.get("ID")))


def _encrypted(how: Encrypting) -> Callable[[Stage], Outcome]:
    def make(person: SignedIn, forge: LogoutForge) -> dict[str, str]:
        message = message_of(person, forge)
        name = message.find(f"{{{SAML}}}NameID")
        assert name is not None
        plaintext = how.plaintext or etree.tostring(name, with_tail=False)
        holder = envelope(plaintext, certificate(), how)
        holder.tag = f"{{{SAML}}}EncryptedID"
        message.replace(name, holder)
        return forge.form(message)

    return posted(make)
