"""The shapes of a signature that are refused before anybody evaluates it, one by one, without the library behind."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree

from app.errors import SignInRefused
from app.providers.saml.prefilter import admit
from tests.forges.saml import DS, SamlForge

FORGE = SamlForge()


def signature_of(root: etree._Element) -> etree._Element:
    found = root.find(f".//{{{DS}}}Signature")
    assert found is not None
    return found


def child(parent: etree._Element | None, name: str, **attributes: str) -> None:
    assert parent is not None
    etree.SubElement(parent, f"{{{DS}}}{name}", attributes)


def inside(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f".//{{{DS}}}{name}")
    assert found is not None
    return found


def beside_itself(root: etree._Element) -> None:
    signature = signature_of(root)
    signature.addnext(copy.deepcopy(signature))


def under_another_name(root: etree._Element) -> None:
    signature_of(root).tag = "{urn:other}Signature"


SHAPES: dict[str, Callable[[etree._Element], None]] = {
    "no signature": lambda root: signature_of(root).getparent().remove(signature_of(root)),  # type: ignore[union-attr] # it has one
    "two beside each other": beside_itself,
    "of another namespace": under_another_name,
    "a key to be fetched": lambda root: child(
        inside(root, "KeyInfo"), "RetrievalMethod", URI="https://evil.example.com/"
    ),
    "a manager of keys": lambda root: child(inside(root, "KeyInfo"), "MgmtData"),
    "an object": lambda root: child(signature_of(root), "Object"),
    "two lists of transforms": lambda root: child(inside(root, "Reference"), "Transforms"),
    "something in the digest method": lambda root: child(inside(root, "DigestMethod"), "X"),
    "a path in the first transform": lambda root: child(inside(root, "Transform"), "XPath"),
    "a length of the signature": lambda root: child(inside(root, "SignatureMethod"), "HMACOutputLength"),
    "something in the canonical method": lambda root: child(inside(root, "CanonicalizationMethod"), "X"),
    "a manifest elsewhere": lambda root: child(root.find(".//{*}Subject"), "Manifest"),
    "a reference elsewhere": lambda root: child(root.find(".//{*}Subject"), "Reference"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_refused(name: str) -> None:
    base = "https://aws.example.com"
    root = FORGE.signed(FORGE.draft(f"{base}/acs", base, "_r", datetime.now(UTC)))
    assert admit(FORGE.encode(root)).root.tag == root.tag
    SHAPES[name](root)
    with pytest.raises(SignInRefused) as caught:
        admit(FORGE.encode(root))
    assert caught.value.reason.startswith(("saml.signature", "saml.unsigned"))
