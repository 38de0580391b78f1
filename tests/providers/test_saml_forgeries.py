"""What no browser can show: the library has a bad day, is never reached, or says yes to everything.

What a forger sends stands in `tests.catalogue`, over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.errors import SignInRefused
from app.providers.saml import driver
from tests.forges.saml import (
    ENVELOPED,
    SAML,
    SamlForge,
    Signing,
)
from tests.providers.conftest import SamlSignIn


def test_14_a_strangers_stylesheet_never_runs(
    saml: SamlSignIn, strangers_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the library was reached")

    monkeypatch.setattr("app.providers.saml.arriving.verify", never)
    xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116"
    document = saml.signed(assertion=Signing(key=strangers_key, transforms=(ENVELOPED, xslt)))
    assert saml.refusal(document) == "saml.signature-transform"


def test_22_a_replayed_assertion_has_the_name_under_which_it_was_remembered(saml: SamlSignIn) -> None:
    document = saml.signed()
    assert saml.post(document).used_once == saml.post(document).used_once


def test_31_an_answer_of_another_configured_provider_is_refused(begin_saml: Callable[..., SamlSignIn]) -> None:
    other = SamlForge(entity_id="https://other.example.com/saml")
    saml = begin_saml()
    root = other.signed(saml.draft(issuer=other.entity_id, response_issuer=other.entity_id))
    assert saml.refusal(root) in ("saml.issuer", "saml.signature")


@pytest.mark.parametrize("kept", [{}, {"request_id": "_x"}, {"departed": "0"}, {"request_id": "_x", "departed": "-1"}])
def test_an_attempt_that_kept_nothing_useful_is_refused(saml: SamlSignIn, kept: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        saml.provider.arrive(saml.forge.encode(saml.signed()), kept, saml.now)


def test_an_exception_that_nobody_foresaw_is_a_refusal(saml: SamlSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the library has a bad day")

    monkeypatch.setattr(driver, "OneLogin_Saml2_Settings", broken)
    with pytest.raises(SignInRefused) as caught:
        saml.post(saml.signed())
    assert caught.value.reason == "saml.unexpected"
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert "bad day" not in caught.value.sentence


def test_a_library_that_verified_nothing_would_not_be_enough(saml: SamlSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """XML::Sig and samlify once skipped every signature and said yes; the signed octets are compared here too."""
    monkeypatch.setattr("app.providers.saml.arriving.verify", lambda *_: None)
    root = saml.signed()
    name = root.find(f".//{{{SAML}}}NameID")
    assert name is not None
    name.text = "mallory"
    assert saml.refusal(root) == "saml.signed-octets"
