"""Rows 24 to 26 of the SAML catalogue: what is encrypted to us, and what nobody may learn from how it fails."""

from __future__ import annotations

import base64
import copy
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from lxml import etree

from app.providers.saml import keys
from tests.catalogue.homes import Homes, SamlHome
from tests.catalogue.row import Row
from tests.catalogue.saml_recipes import admits, assertion_of, refuses
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import DS, ENVELOPED, XENC, Signing, build_assertion
from tests.forges.saml_encryption import (
    AES128_CBC,
    AES128_GCM,
    AES256_CBC,
    AES256_GCM,
    MGF1_SHA256,
    OAEP,
    OAEP_MGF1P,
    RSA_1_5,
    SHA256,
    Encrypting,
    encrypted,
    envelope,
)

_KEY = keys.new(datetime.now(UTC), bits=2048)
_NEXT_KEY = keys.new(datetime.now(UTC), bits=2048)
_FILES = {"gateway-saml.pem": _KEY, "gateway-saml-next.pem": _NEXT_KEY}
_KEYS = 'key_files = ["gateway-saml-next.pem", "gateway-saml.pem"]\n'
HOMES: Homes = {
    "sealed": SamlHome(more=_KEYS, files=_FILES),
    "sealed-only": SamlHome(more=_KEYS + "require_encryption = true"),
    "sealed-cbc": SamlHome(more=_KEYS + "allow_cbc_encryption = true"),
    "sealed-whole": SamlHome(more=_KEYS + "response_signed = true"),
}
_STYLESHEET = "http://www.w3.org/TR/1999/REC-xslt-19991116"


def certificate(key: str = _KEY) -> bytes:
    return keys.read(key).certificate.public_bytes(serialization.Encoding.DER)


_HONEST = Encrypting()


def sealed(how: Encrypting = _HONEST, *, response: bool = False, key: str = _KEY, **signing: Any) -> Any:
    """Makes the answer: signed, encrypted to us, and the whole signed again if `response`."""

    def make(visit: SamlVisit) -> etree._Element:
        root = encrypted(visit.signed(**signing), certificate(key), how)
        if response:
            visit.forge.sign(root)
        return root

    return make


def rows() -> Iterator[Row]:
    yield refuses("24 encrypted, and we have no key", "saml.encrypted", sealed())
    for name, how in {
        "AES-GCM and OAEP-MGF1P": Encrypting(AES256_GCM, OAEP_MGF1P),
        "AES-128-GCM and OAEP": Encrypting(AES128_GCM, OAEP, SHA256, MGF1_SHA256),
        "the key beside the data": Encrypting(beside=True, key_id="_key"),
    }.items():
        yield admits(f"24 control {name}", sealed(how), "sealed")
    yield admits("24 control the key that comes next", sealed(key=_NEXT_KEY), "sealed")
    yield admits("24 control in clear beside", lambda v: v.signed(), "sealed")
    yield refuses("24 in clear where the operator wants it encrypted", "saml.not-encrypted", _clear, "sealed-only")
    yield admits("24 control where the operator wants it", sealed(), "sealed-only")
    yield from _algorithms()
    yield from _oracle()
    yield from _injected()


def _clear(visit: SamlVisit) -> etree._Element:
    return visit.signed()


def _algorithms() -> Iterator[Row]:
    for name, how in {
        "AES-128-CBC": Encrypting(AES128_CBC),
        "AES-256-CBC": Encrypting(AES256_CBC),
        "RSA 1.5": Encrypting(AES256_GCM, RSA_1_5),
        "triple DES": Encrypting(XENC + "tripledes-cbc", key=os.urandom(16)),
        "no method": Encrypting("", OAEP),
    }.items():
        for whole in (False, True):
            row = f"24 {name}{', the response signed' if whole else ''}"
            yield refuses(row, "saml.encryption-algorithm", sealed(how, response=whole), "sealed")
    for name, how in {"AES-128-CBC": Encrypting(AES128_CBC), "RSA 1.5": Encrypting(AES256_GCM, RSA_1_5)}.items():
        yield admits(f"24 control {name}, allowed and signed outside", sealed(how, response=True), "sealed-cbc")
        yield refuses(f"24 {name}, allowed, not signed outside", "saml.encryption-algorithm", sealed(how), "sealed-cbc")
        bent = _bent(sealed(how, response=True))
        yield refuses(f"24 {name}, one bit of it altered", "saml.signed-octets saml.signature", bent, "sealed-cbc")


def _bent(make: Callable[[SamlVisit], Any]) -> Callable[[SamlVisit], Any]:
    """A padding oracle begins here: the last octet of the ciphertext is another."""

    def bend(visit: SamlVisit) -> etree._Element:
        root: etree._Element = make(visit)
        value = root.findall(f".//{{{XENC}}}CipherValue")[-1]
        octets = bytearray(base64.b64decode(value.text or ""))
        octets[-1] ^= 1
        value.text = base64.b64encode(bytes(octets)).decode()
        return root

    return bend


def broken() -> dict[str, tuple[str, Callable[[SamlVisit], Any]]]:
    """One answer for each step that can fail after the shape; what `tests.bench.oracle` measures, too."""
    return {
        "wrapped to nobody": ("saml.decryption", sealed(Encrypting(wrapped=os.urandom(256)))),
        "wrapped too short": ("saml.decryption", sealed(Encrypting(wrapped=b"\x00"))),
        "another content key": ("saml.decryption", sealed(Encrypting(key=os.urandom(16)))),
        "tag": ("saml.decryption", sealed(Encrypting(broken=True))),
        "no assertion inside": ("saml.decryption", sealed(Encrypting(plaintext=b"<Assertion/>"))),
        "no XML inside": ("saml.decryption", sealed(Encrypting(plaintext=b"\xff"))),
        "a DTD inside": ("saml.decryption", sealed(Encrypting(plaintext=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"))),
        "inner signature of a stranger": ("saml.signature", _strangers_inside),
        "outer signature of a stranger": ("saml.signature", _strangers_outside),
    }


def _oracle() -> Iterator[Row]:
    for name, (reason, make) in broken().items():
        yield refuses(f"24 X14 no oracle: {name}", reason, make, "sealed")


def _strangers_inside(visit: SamlVisit) -> etree._Element:
    return encrypted(visit.signed(assertion=Signing(key=visit.stage.stranger)), certificate())


def _strangers_outside(visit: SamlVisit) -> etree._Element:
    root = encrypted(visit.signed(), certificate())
    visit.forge.sign(root, Signing(key=visit.stage.stranger))
    return root


def _injected() -> Iterator[Row]:
    for place in range(4):
        yield refuses(f"25 injected at {place}", "saml.structure", lambda v, n=place: _beside(v, n), "sealed")
    yield refuses("25 injected into the assertion", "saml.structure", _inside, "sealed")
    yield refuses("25 two encrypted assertions", "saml.structure", _two, "sealed")
    yield refuses("25 an encrypted one inside the encrypted one", "saml.structure", _nested, "sealed")
    yield refuses("26 encrypted by anybody, unsigned", "saml.unsigned", sealed(assertion=None), "sealed")
    yield refuses("26 only the response signed", "saml.unsigned", sealed(assertion=None, response=True), "sealed")
    control = sealed(assertion=None, response=True)
    yield admits("26 control the policy says response", control, "sealed-whole")
    yield refuses("26 the policy says response", "saml.unsigned", sealed(), "sealed-whole")
    xslt = Signing(transforms=(ENVELOPED, _STYLESHEET))
    yield refuses(
        "14 XSLT inside the encrypted assertion", "saml.signature-transform", sealed(assertion=xslt), "sealed"
    )
    sha1 = Signing(method=DS + "rsa-sha1")
    yield refuses(
        "15 SHA1 inside the encrypted assertion", "saml.signature-algorithm", sealed(assertion=sha1), "sealed"
    )
    yield refuses("02 an ID of the envelope inside", "saml.id", _same_id, "sealed")


def _evil(visit: SamlVisit) -> etree._Element:
    evil = build_assertion(visit.draft(subject="mallory", assertion_id="_evil"))
    return envelope(etree.tostring(evil), certificate())


def _beside(visit: SamlVisit, place: int) -> etree._Element:
    root = visit.signed()
    root.insert(place, _evil(visit))
    return root


def _inside(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    assertion_of(root).append(_evil(visit))
    return root


def _two(visit: SamlVisit) -> etree._Element:
    root = encrypted(visit.signed(), certificate())
    root.append(_evil(visit))
    return root


def _nested(visit: SamlVisit) -> etree._Element:
    assertion = build_assertion(visit.draft())
    assertion.append(copy.deepcopy(_evil(visit)))
    visit.forge.sign(assertion)
    return encrypted(visit.signed(), certificate(), Encrypting(plaintext=etree.tostring(assertion)))


def _same_id(visit: SamlVisit) -> etree._Element:
    return encrypted(visit.signed(visit.draft(assertion_id="_same", response_id="_same")), certificate())
