"""Encrypted assertions: opened where nothing can be learned from how they fail, and believed only if signed inside.

Numbers in names are rows of the attack catalogue.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import xmlsec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from app.core.roles import Partition
from app.errors import ConfigurationProblems, SignInRefused
from app.providers.refusals import UNVERIFIED
from app.providers.registry import build_registry
from app.providers.saml import decryption, keys
from app.providers.saml.steady import Steady
from app.providers.settings import SamlSettings
from tests.forges.saml import DS, SAML, XENC, Signing, build_assertion
from tests.forges.saml_encryption import (
    AES128_CBC,
    AES128_GCM,
    AES256_CBC,
    AES256_GCM,
    MGF1_SHA1,
    MGF1_SHA256,
    MGF1_SHA512,
    OAEP,
    OAEP_MGF1P,
    RSA_1_5,
    SHA1,
    SHA256,
    SHA512,
    Encrypting,
    encrypted,
    envelope,
)
from tests.providers.conftest import BASE_URL, SamlSignIn

Begin = Callable[..., SamlSignIn]


@pytest.fixture(scope="module")
def key() -> str:
    return keys.new(datetime.now(UTC), bits=2048)


@pytest.fixture(scope="module")
def next_key() -> str:
    return keys.new(datetime.now(UTC), bits=2048)


@pytest.fixture
def saml(begin_saml: Begin, key: str) -> SamlSignIn:
    return quick(begin_saml(keys=(key,)))


def quick(saml: SamlSignIn) -> SamlSignIn:
    """Without the wait of refusals, which has a test of its own."""
    saml.provider = replace(saml.provider, steady=Steady(floor=0))
    return saml


@cache
def certificate(key: str) -> bytes:
    return keys.read(key).certificate.public_bytes(serialization.Encoding.DER)


HONEST = Encrypting()


def sealed(saml: SamlSignIn, how: Encrypting = HONEST, *, response: bool = False, **changes: Any) -> Any:
    """Signed, encrypted to our first key, and the whole signed again if the provider does that."""
    to = certificate(saml.provider.settings.keys[0])
    root = encrypted(saml.signed(saml.draft(**changes)), to, how)
    if response:
        saml.forge.sign(root)
    return root


def assertion_in(saml: SamlSignIn, **changes: Any) -> etree._Element:
    found = saml.signed(saml.draft(**changes)).find(f"{{{SAML}}}Assertion")
    assert found is not None
    return found


@pytest.mark.parametrize("response", [False, True])
@pytest.mark.parametrize(
    "how",
    [
        Encrypting(AES256_GCM, OAEP_MGF1P),
        Encrypting(AES128_GCM, OAEP_MGF1P, SHA1),
        Encrypting(AES256_GCM, OAEP_MGF1P, SHA256),
        Encrypting(AES256_GCM, OAEP),
        Encrypting(AES256_GCM, OAEP, SHA256, MGF1_SHA256),
        Encrypting(AES128_GCM, OAEP, SHA256, MGF1_SHA1),
        Encrypting(AES256_GCM, OAEP, SHA512, MGF1_SHA512),
        Encrypting(beside=True),
        Encrypting(beside=True, key_id="_key"),
    ],
)
def test_what_providers_encrypt_well_is_opened(saml: SamlSignIn, how: Encrypting, response: bool) -> None:
    arrival = saml.post(sealed(saml, how, response=response))
    assert arrival.identity.subject == "alice"
    assert arrival.identity.groups == {"aws-dev", "everyone"}


def test_what_xmlsec_encrypts_is_opened(saml: SamlSignIn, key: str) -> None:
    """Another program's hand: libxmlsec, as Shibboleth's and many providers' ancestors use it."""
    root = saml.signed()
    assertion = root.find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    template = xmlsec.template.encrypted_data_create(
        root, xmlsec.Transform.AES256_GCM, type=XENC + "Element", ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(template)
    info = xmlsec.template.encrypted_data_ensure_key_info(template, ns="ds")
    wrapping = xmlsec.template.add_encrypted_key(info, xmlsec.Transform.RSA_OAEP)
    xmlsec.template.encrypted_data_ensure_cipher_value(wrapping)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate_pem(key), xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, 256, xmlsec.KeyDataType.SESSION)
    holder = etree.SubElement(root, f"{{{SAML}}}EncryptedAssertion")
    holder.append(assertion)
    holder.append(context.encrypt_xml(template, assertion))
    assert etree.QName(holder[0]).localname == "EncryptedData"
    assert saml.post(root).identity.subject == "alice"


def certificate_pem(key: str) -> bytes:
    return keys.read(key).certificate.public_bytes(serialization.Encoding.PEM)


def test_every_key_of_ours_decrypts_so_that_a_key_can_be_changed(begin_saml: Begin, key: str, next_key: str) -> None:
    saml = quick(begin_saml(keys=(next_key, key)))
    for each in (key, next_key):
        assert saml.post(encrypted(saml.signed(), certificate(each))).identity.subject == "alice"
    saml = quick(begin_saml(keys=(next_key,)))
    assert saml.refusal(encrypted(saml.signed(), certificate(key))) == "saml.decryption"


def test_24_without_a_key_it_says_what_to_do(begin_saml: Begin, key: str) -> None:
    saml = begin_saml()
    with pytest.raises(SignInRefused, match="no key for that") as caught:
        saml.post(encrypted(saml.signed(), certificate(key)))
    assert caught.value.reason == "saml.encrypted"


@pytest.mark.parametrize("response", [False, True])
@pytest.mark.parametrize(
    "how",
    [
        Encrypting(AES128_CBC),
        Encrypting(AES256_CBC),
        Encrypting(AES256_GCM, RSA_1_5),
        Encrypting(XENC + "tripledes-cbc", key=os.urandom(16)),
        Encrypting("http://www.w3.org/2009/xmlenc11#aes192-gcm"),
        Encrypting(AES256_GCM, OAEP_MGF1P, DS + "sha-nothing"),
        Encrypting(AES256_GCM, OAEP, SHA256, "http://www.w3.org/2009/xmlenc11#mgf1sha224"),
        Encrypting("", OAEP),
    ],
)
def test_24_ciphers_with_an_oracle_and_unknown_ones_are_refused(
    saml: SamlSignIn, how: Encrypting, response: bool
) -> None:
    assert saml.refusal(sealed(saml, how, response=response)) == "saml.encryption-algorithm"


@pytest.mark.parametrize("how", [Encrypting(AES128_CBC), Encrypting(AES256_CBC), Encrypting(AES256_GCM, RSA_1_5)])
def test_24_cbc_is_opened_only_inside_a_signed_response_and_only_if_allowed(
    begin_saml: Begin, key: str, how: Encrypting
) -> None:
    saml = quick(begin_saml(keys=(key,), allow_cbc_encryption=True))
    assert saml.post(sealed(saml, how, response=True)).identity.subject == "alice"
    assert saml.refusal(sealed(saml, how)) == "saml.encryption-algorithm"


@pytest.mark.parametrize("how", [Encrypting(AES128_CBC), Encrypting(AES256_GCM, RSA_1_5), Encrypting()])
def test_24_nothing_is_decrypted_before_the_signature_of_the_response_holds(
    begin_saml: Begin, key: str, how: Encrypting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The padding oracle is closed by order: a changed ciphertext never meets a key of ours."""
    saml = quick(begin_saml(keys=(key,), allow_cbc_encryption=True))
    root = sealed(saml, how, response=True)
    values = root.findall(f".//{{{XENC}}}CipherValue")
    monkeypatch.setattr(decryption, "opened", lambda *_: pytest.fail("a key was used"))
    for value in values:
        changed = copy.deepcopy(root)
        target = changed.findall(f".//{{{XENC}}}CipherValue")[values.index(value)]
        octets = bytearray(base64.b64decode(target.text or ""))
        octets[-1] ^= 1
        target.text = base64.b64encode(bytes(octets)).decode()
        assert saml.refusal(changed) == "saml.signed-octets"


def test_24_a_response_that_a_stranger_signed_is_not_decrypted(
    begin_saml: Begin, key: str, strangers_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    saml = quick(begin_saml(keys=(key,), allow_cbc_encryption=True))
    root = sealed(saml, Encrypting(AES128_CBC))
    saml.forge.sign(root, Signing(key=strangers_key))
    monkeypatch.setattr(decryption, "opened", lambda *_: pytest.fail("a key was used"))
    assert saml.refusal(root) == "saml.signature"


def test_25_a_signed_assertion_and_an_injected_encrypted_one_are_refused(saml: SamlSignIn, key: str) -> None:
    evil = etree.tostring(build_assertion(saml.draft(subject="mallory", assertion_id="_evil")))
    for place in (0, 1, 2, 3):
        root = saml.signed()
        root.insert(place, envelope(evil, certificate(key)))
        assert saml.refusal(root) == "saml.structure"
    inside = saml.signed()
    inside.find(f"{{{SAML}}}Assertion").append(envelope(evil, certificate(key)))  # type: ignore[union-attr] # it has one
    assert saml.refusal(inside) == "saml.structure"


def test_25_two_encrypted_assertions_are_refused(saml: SamlSignIn, key: str) -> None:
    root = sealed(saml)
    root.append(envelope(etree.tostring(assertion_in(saml)), certificate(key)))
    assert saml.refusal(root) == "saml.structure"


def test_25_an_encrypted_assertion_inside_the_encrypted_one_is_refused(saml: SamlSignIn, key: str) -> None:
    assertion = build_assertion(saml.draft())
    assertion.append(envelope(etree.tostring(assertion_in(saml)), certificate(key)))
    saml.forge.sign(assertion)
    assert saml.refusal(sealed(saml, Encrypting(plaintext=etree.tostring(assertion)))) == "saml.structure"


def test_26_what_a_stranger_encrypts_to_our_public_key_is_not_believed(
    saml: SamlSignIn, key: str, strangers_key: rsa.RSAPrivateKey
) -> None:
    unsigned = saml.forge.signed(saml.draft(subject="mallory"), assertion=None)
    assert saml.refusal(encrypted(unsigned, certificate(key))) == "saml.unsigned"
    forged = saml.forge.signed(saml.draft(), assertion=Signing(key=strangers_key))
    assert saml.refusal(encrypted(forged, certificate(key))) == "saml.signature"


def test_26_the_signature_of_the_response_is_enough_only_where_the_operator_says_so(
    begin_saml: Begin, key: str, saml: SamlSignIn
) -> None:
    trusting = quick(begin_saml(keys=(key,), response_signed=True))
    for one, expected in ((trusting, "alice"), (saml, "saml.unsigned")):
        root = encrypted(one.forge.signed(one.draft(), assertion=None), certificate(key))
        one.forge.sign(root)
        if one is trusting:
            assert one.post(root).identity.subject == expected
        else:
            assert one.refusal(root) == expected
    outer_unsigned = encrypted(trusting.forge.signed(trusting.draft()), certificate(key))
    assert trusting.refusal(outer_unsigned) == "saml.unsigned"


def test_14_what_is_inside_is_judged_before_the_library_sees_it(saml: SamlSignIn, key: str) -> None:
    """Encrypting would otherwise carry an XSLT or a weak algorithm past the pre-filter."""
    transforms = (DS + "enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116")
    weak = saml.forge.signed(saml.draft(), assertion=Signing(transforms=transforms))
    assert saml.refusal(encrypted(weak, certificate(key))) == "saml.signature-transform"
    weak = saml.forge.signed(saml.draft(), assertion=Signing(method=DS + "rsa-sha1"))
    assert saml.refusal(encrypted(weak, certificate(key))) == "saml.signature-algorithm"


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"not xml",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'/><!-- -->x",
        b"<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'/>",
        b"<Assertion/>",
        b"<other:Assertion/>",  # a prefix that nobody declares
        b"</scope><saml:Assertion/><scope>",
        b"<saml:Assertion/><saml:Assertion/>",
        b"x<saml:Assertion/>",
        "<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'/>".encode("utf-16"),
    ],
)
def test_what_is_no_assertion_inside_is_one_refusal(saml: SamlSignIn, plaintext: bytes) -> None:
    assert saml.refusal(sealed(saml, Encrypting(plaintext=plaintext))) == "saml.decryption"


def test_02_an_id_inside_that_stands_in_the_envelope_is_refused(saml: SamlSignIn, key: str) -> None:
    root = saml.signed()
    assertion_id = root.find(f"{{{SAML}}}Assertion").get("ID")  # type: ignore[union-attr] # the draft has one
    assert saml.refusal(encrypted(root, certificate(key), Encrypting(key_id=str(assertion_id)))) == "saml.id"
    root = saml.forge.signed(saml.draft(assertion_id="_same", response_id="_same"))
    assert saml.refusal(encrypted(root, certificate(key))) == "saml.id"


def data_of(root: Any) -> Any:
    return root.find(f".//{{{XENC}}}EncryptedData")


def key_of(root: Any) -> Any:
    return root.find(f".//{{{XENC}}}EncryptedKey")


def cipher_of(element: Any) -> Any:
    return element.find(f"{{{XENC}}}CipherData")


def add(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{XENC}}}{name}", attributes)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: data_of(root).set("Type", XENC + "Content"),
        lambda root: data_of(root).append(copy.deepcopy(cipher_of(data_of(root)))),
        lambda root: cipher_of(data_of(root)).remove(cipher_of(data_of(root))[0]),
        lambda root: cipher_of(key_of(root)).remove(cipher_of(key_of(root))[0]),
        lambda root: setattr(cipher_of(key_of(root))[0], "text", "###"),
        lambda root: add(cipher_of(key_of(root))[0], "CipherValue"),
        lambda root: cipher_of(data_of(root)).replace(
            cipher_of(data_of(root))[0], etree.Element(f"{{{XENC}}}CipherReference", URI="http://169.254.169.254/")
        ),
        lambda root: add(key_of(root)[0], "OAEPparams"),
        lambda root: add(data_of(root), "EncryptionMethod", Algorithm=AES256_GCM),
        lambda root: data_of(root).getparent().append(copy.deepcopy(key_of(root))),
        lambda root: data_of(root).getparent().append(copy.deepcopy(data_of(root))),
        lambda root: cipher_of(data_of(root)).append(key_of(root)),
        lambda root: key_of(root).getparent().remove(key_of(root)),
    ],
)
def test_another_shape_is_refused(saml: SamlSignIn, spoil: Callable[[Any], object]) -> None:
    root = sealed(saml)
    spoil(root)
    assert saml.refusal(root) in ("saml.structure", "saml.encryption-structure")


def test_people_see_one_sentence_whatever_did_not_hold(
    saml: SamlSignIn, key: str, strangers_key: rsa.RSAPrivateKey
) -> None:
    sentences = set()
    for _, document in broken(saml, key, strangers_key):
        with pytest.raises(SignInRefused) as caught:
            saml.post(document)
        sentences.add(caught.value.sentence)
    assert sentences == {UNVERIFIED}


def broken(saml: SamlSignIn, key: str, strangers_key: Any) -> list[tuple[str, etree._Element]]:
    """One answer for each step that can fail after the shape."""
    forged = Signing(key=strangers_key)
    outer = encrypted(saml.signed(), certificate(key))
    saml.forge.sign(outer, forged)
    return [
        ("wrapped to nobody", sealed(saml, Encrypting(wrapped=os.urandom(256)))),
        ("wrapped too short", sealed(saml, Encrypting(wrapped=b"\x00"))),
        ("another content key", sealed(saml, Encrypting(key=os.urandom(16)))),
        ("tag", sealed(saml, Encrypting(broken=True))),
        ("inner signature", encrypted(saml.forge.signed(saml.draft(), assertion=forged), certificate(key))),
        ("outer signature", outer),
    ]


def test_a_refusal_of_an_encrypted_answer_waits_for_the_same_moment_whatever_failed(
    begin_saml: Begin, key: str, strangers_key: rsa.RSAPrivateKey
) -> None:
    """Each is held back until one tenth of a second after it began; how long that really takes over HTTP,
    `python -m tests.bench.oracle` measures."""
    saml = begin_saml(keys=(key,))
    assert saml.provider.steady == Steady(floor=0.1)
    for step, document in broken(saml, key, strangers_key):
        clock, waited = iter((100.0, 100.0 + 0.03)), []
        saml.provider = replace(saml.provider, steady=Steady(0.1, clock.__next__, waited.append))
        with pytest.raises(SignInRefused):
            saml.post(document)
        assert waited == [pytest.approx(0.07)], step


def test_a_refusal_that_took_longer_waits_no_more() -> None:
    clock, waited = iter((100.0, 100.3)), []
    with pytest.raises(SignInRefused), Steady(0.1, clock.__next__, waited.append).refusing():
        raise SignInRefused("", reason="saml.signature")
    assert waited == [0.0]


def test_whatever_failed_every_key_was_tried_and_newer_metadata_was_looked_for(
    begin_saml: Begin, key: str, next_key: str, strangers_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps that cost time. A step that only some of them take would be a measure of what was inside."""
    saml = quick(begin_saml(keys=(key, next_key)))
    took: dict[str, list[str]] = {}
    opened_with = decryption._opened_with
    for name, document in broken(saml, key, strangers_key):
        steps = took.setdefault(name, [])

        def noted(*given: Any, steps: list[str] = steps) -> bytes | None:
            steps.append("key")
            return opened_with(*given)

        monkeypatch.setattr(decryption, "_opened_with", noted)
        newer = lambda _now, steps=steps: steps.append("metadata")  # noqa: E731 - each document's own
        saml.provider = replace(saml.provider, newer=newer)
        saml.refusal(document)
    # A Response that a stranger signed is refused before a key of ours is used.
    assert took.pop("outer signature") == ["metadata"]
    assert {name: steps for name, steps in took.items() if steps != ["key", "key", "metadata"]} == {}


def test_require_encryption_refuses_an_answer_in_clear(begin_saml: Begin, key: str) -> None:
    saml = quick(begin_saml(keys=(key,), require_encryption=True))
    with pytest.raises(SignInRefused, match="unencrypted") as caught:
        saml.post(saml.signed())
    assert caught.value.reason == "saml.not-encrypted"
    assert saml.post(sealed(saml)).identity.subject == "alice"


def test_settings_that_contradict_each_other_are_told_at_the_start(saml_settings: SamlSettings, key: str) -> None:
    for changes, said in (
        ({"require_encryption": True}, "require_encryption: needs a key"),
        (
            {"require_encryption": True, "keys": (key,), "passthrough": Partition.AWS},
            "require_encryption: answers that",
        ),
        ({"idp_initiated": True, "passthrough": Partition.AWS}, "idp_initiated: answers that"),
        ({"keys": ("nothing", key)}, "key_files[1]: expected a private key"),
        ({"metadata_certificates": ("nothing",)}, "metadata_certificate_files[1]: expected one or more"),
    ):
        with pytest.raises(ConfigurationProblems) as caught:
            build_registry([replace(saml_settings, **changes)], BASE_URL)
        assert any(problem.startswith(f"provider corp: {said}") for problem in caught.value.problems)


def test_what_goes_on_to_aws_cannot_be_encrypted_to_us(begin_saml: Begin, key: str) -> None:
    saml = quick(begin_saml(keys=(key,), passthrough=Partition.AWS))
    assert saml.refusal(sealed(saml)) == "saml.encrypted"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("response", [False, True])
def test_a_damaged_encrypted_answer_says_what_was_signed_or_nothing(
    saml: SamlSignIn, response: bool, data: st.DataObject
) -> None:
    whole = etree.tostring(sealed(saml, response=response))
    at = data.draw(st.integers(0, len(whole) - 1))
    until = data.draw(st.integers(at, min(len(whole), at + 40)))
    patch = data.draw(st.one_of(st.binary(max_size=20), st.sampled_from([b"", b"<", b"/>", b"xenc:", b"Encrypted"])))
    with contextlib.suppress(SignInRefused):
        arrival = saml.post(whole[:at] + patch + whole[until:])
        assert (arrival.identity.subject, arrival.identity.groups) == ("alice", {"aws-dev", "everyone"})
