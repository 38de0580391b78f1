"""A name that the provider encrypted in its LogoutRequest: opened when the request's signature holds, and no sooner."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ssl import SSLContext

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.errors import SignOutRefused
from app.providers.refusals import UNPROVEN
from app.providers.saml import decryption, keys
from tests.forges.saml import PERSISTENT, SAML, TRANSIENT, XENC
from tests.forges.saml_encryption import AES128_CBC, AES128_GCM, OAEP, RSA_1_5, SHA256, Encrypting, envelope
from tests.forges.saml_logout import LogoutForge, build
from tests.providers.parting import OURS, Parting, corp_of

HONEST = Encrypting()
BOTH = pytest.mark.parametrize("binding", ["redirect", "post"])


@pytest.fixture(scope="module")
def parting(tls: SSLContext) -> Callable[..., Parting]:
    return partial(corp_of, LogoutForge(), tls)


@pytest.fixture(scope="module")
def corp(parting: Callable[..., Parting]) -> Parting:
    return parting()


def asking(corp: Parting, how: Encrypting = HONEST) -> etree._Element:
    """A LogoutRequest with alice's name encrypted to us, unsigned yet."""
    message = build(corp.asks())
    name = message.find(f"{{{SAML}}}NameID")
    assert name is not None
    plaintext = etree.tostring(name, with_tail=False) if how.plaintext is None else how.plaintext
    holder = envelope(plaintext, keys.read(OURS).certificate.public_bytes(Encoding.DER), how)
    holder.tag = f"{{{SAML}}}EncryptedID"
    message.replace(name, holder)
    return message


def refused(corp: Parting, message: etree._Element, binding: str = "post") -> SignOutRefused:
    with pytest.raises(SignOutRefused) as caught:
        corp.told(message, binding)
    return caught.value


@BOTH
@pytest.mark.parametrize(
    "how", [Encrypting(), Encrypting(AES128_GCM), Encrypting(beside=True, key_id="_k"), Encrypting(wrapping=OAEP)]
)
def test_alice_is_meant(corp: Parting, binding: str, how: Encrypting) -> None:
    ending = corp.told(asking(corp, how), binding)
    assert (ending.subject, ending.sids) == ("alice", ("_s1",))


def test_also_by_a_key_that_is_on_its_way_out(parting: Callable[..., Parting]) -> None:
    corp = parting(keys=(keys.new(datetime.now(UTC), 2048), OURS))
    assert corp.told(asking(corp), "post").subject == "alice"


def test_namespaces_around_it_count(corp: Parting) -> None:
    """libxmlsec encrypts an element as it stands, with the prefixes of its surroundings."""
    bare = f'<saml:NameID Format="{PERSISTENT}">alice</saml:NameID>'.encode()
    assert corp.told(asking(corp, Encrypting(plaintext=bare)), "post").subject == "alice"


@BOTH
@pytest.mark.parametrize(
    "how",
    [
        Encrypting(broken=True),
        Encrypting(wrapped=os.urandom(256)),
        Encrypting(wrapped=b"\x00"),
        Encrypting(plaintext=b"alice"),
        Encrypting(plaintext=f'<a:Assertion xmlns:a="{SAML}"/>'.encode()),
        Encrypting(plaintext=b"<!DOCTYPE a><a/>"),
    ],
)
def test_what_cannot_be_opened_has_the_words_of_a_bad_signature(corp: Parting, binding: str, how: Encrypting) -> None:
    no = refused(corp, asking(corp, how), binding)
    assert (no.reason, no.sentence) == ("saml.logout.decryption", UNPROVEN)


@BOTH
def test_nothing_is_opened_before_the_signature_holds(
    corp: Parting, binding: str, strangers_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decryption, "opened", lambda *_: pytest.fail("a key was used"))
    stranger = Parting(LogoutForge(key=strangers_key), corp.provider)
    assert refused(stranger, asking(corp), binding).reason == "saml.logout.signature"


@pytest.mark.parametrize("how", [Encrypting(AES128_CBC), Encrypting(wrapping=RSA_1_5)])
def test_ciphers_with_an_oracle_are_for_the_operator_to_allow(parting: Callable[..., Parting], how: Encrypting) -> None:
    no = refused(parting(), asking(parting(), how))
    assert no.reason == "saml.logout.encryption-algorithm"
    assert "AES-GCM" in no.sentence
    allowing = parting(allow_cbc_encryption=True)
    assert allowing.told(asking(allowing, how), "post").subject == "alice"


def test_without_a_key_it_is_told_to_the_administrator(parting: Callable[..., Parting]) -> None:
    keyless = parting(keys=())
    no = refused(keyless, asking(keyless))
    assert no.reason == "saml.logout.encrypted"
    assert "administrator" in no.sentence


@pytest.mark.parametrize(
    ("plaintext", "reason"),
    [
        (f'<n:NameID xmlns:n="{SAML}">ali<!-- -->ce</n:NameID>', "text"),
        (f'<n:NameID xmlns:n="{SAML}">ali<n:x/>ce</n:NameID>', "text"),
        (f'<n:NameID xmlns:n="{SAML}" Format="{TRANSIENT}">alice</n:NameID>', "subject"),
        (f'<n:NameID xmlns:n="{SAML}" SPNameQualifier="https://other.example">alice</n:NameID>', "subject"),
        (f'<n:NameID xmlns:n="{SAML}"/>', "text"),
    ],
)
def test_what_was_inside_is_judged_as_what_comes_in_clear(corp: Parting, plaintext: str, reason: str) -> None:
    no = refused(corp, asking(corp, Encrypting(plaintext=plaintext.encode())))
    assert no.reason == f"saml.logout.{reason}"


def test_one_name_in_one_form(corp: Parting) -> None:
    both = asking(corp)
    etree.SubElement(both, f"{{{SAML}}}NameID").text = "bob"
    assert refused(corp, both).reason == "saml.logout.subject"
    empty = asking(corp)
    empty.find(f"{{{SAML}}}EncryptedID").clear()  # type: ignore[union-attr] # it has one
    assert refused(corp, empty).reason == "saml.logout.encryption-structure"
    elsewhere = asking(corp, Encrypting(digest=SHA256))
    value = elsewhere.find(f".//{{{XENC}}}CipherValue")
    assert value is not None
    value.tag = f"{{{XENC}}}CipherReference"
    assert refused(corp, elsewhere).reason == "saml.logout.encryption-structure"
