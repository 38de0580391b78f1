"""Single Logout with a provider that has an address for forms only: what we send there, signed as XML.

Verified with xmlsec, which is another program's opinion of what a signature is.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from ssl import SSLContext

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.errors import SignOutRefused
from app.providers.arrival import Departure
from app.providers.saml import keys
from app.providers.saml.logout_incoming import Incoming
from tests.forges.saml import DS, SAML, SAMLP, SUCCESS
from tests.forges.saml_logout import POST, REDIRECT, REQUEST, RESPONSE, SLO, STATUS, LogoutForge
from tests.providers.parting import NOW, OURS, Parting, corp_of

ANSWERS = f"{SLO}/answers?tenant=1"


@pytest.fixture(scope="module")
def told_of(tls: SSLContext) -> Callable[..., Parting]:
    """A provider with these addresses of Single Logout."""
    forge = LogoutForge()
    return lambda *slo: corp_of(forge, tls, forge.metadata(slo=slo))


@pytest.fixture(scope="module")
def corp(told_of: Callable[..., Parting]) -> Parting:
    return told_of((POST, SLO, ANSWERS))


def verified(departure: Departure, field: str) -> etree._Element:
    """The message of the form, if its one signature is ours and over the whole."""
    root = etree.fromstring(base64.b64decode(departure.form[field], validate=True))
    (signature,) = root.iter(f"{{{DS}}}Signature")
    assert root[1] is signature, "after the Issuer, as the schema has it"
    (reference,) = signature.iter(f"{{{DS}}}Reference")
    assert reference.get("URI") == f"#{root.get('ID')}"
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    certificate = keys.read(OURS).certificate.public_bytes(Encoding.PEM)
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM)
    context.verify(signature)
    return root


def test_our_request_is_a_form_with_a_signed_message(corp: Parting) -> None:
    departure = corp.leave()
    assert (departure.url, set(departure.form)) == (SLO, {REQUEST, "RelayState"})
    assert departure.form["RelayState"] == "state-key"
    root = verified(departure, REQUEST)
    assert root.tag == f"{{{SAMLP}}}LogoutRequest"
    assert (root.get("ID"), root.get("Destination")) == (departure.kept["request_id"], SLO)
    assert root.findtext(f"{{{SAML}}}NameID") == "alice"
    assert root.findtext(f"{{{SAMLP}}}SessionIndex") == "_s1"


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_it_is_answered_by_either_binding(corp: Parting, binding: str) -> None:
    assert corp.answered(corp.leave(), binding)


@pytest.mark.parametrize("succeeded", [True, False])
def test_our_answer_is_a_form_for_the_response_location(corp: Parting, succeeded: bool) -> None:
    draft = corp.asks()
    departure = corp.answer(corp.told(draft, "post", "<a b&c=\"d'/ü>"), succeeded)
    assert (departure.url, departure.form["RelayState"]) == (ANSWERS, "<a b&c=\"d'/ü>")
    root = verified(departure, RESPONSE)
    assert root.tag == f"{{{SAMLP}}}LogoutResponse"
    assert (root.get("InResponseTo"), root.get("Destination")) == (draft.id, ANSWERS)
    codes = [code.get("Value") for code in root.iter(f"{{{SAMLP}}}StatusCode")]
    assert codes == ([SUCCESS] if succeeded else [STATUS + "Responder", STATUS + "PartialLogout"])


def test_an_answer_without_a_relay_state_has_none(corp: Parting) -> None:
    assert set(corp.answer(corp.told(corp.asks(), "redirect", None)).form) == {RESPONSE}


def test_a_redirect_is_preferred_whatever_comes_first(told_of: Callable[..., Parting]) -> None:
    form, redirect = (POST, SLO, ""), (REDIRECT, f"{SLO}/r", "")
    for corp in (told_of(form, redirect), told_of(redirect, form)):
        for sent in (corp.leave(), corp.answer(corp.told(corp.asks(), "post"))):
            assert not sent.form
            assert sent.url.startswith(f"{SLO}/r?SAMLRe")


def test_where_no_browser_may_be_sent_there_is_no_address(told_of: Callable[..., Parting]) -> None:
    corp = told_of((POST, "http://idp.example.com/slo", ""))
    assert corp.provider.answer_end(corp.told(corp.asks(), "post"), True, NOW) is None


def test_our_own_message_ends_nothing_here(corp: Parting) -> None:
    """Signed, of this minute, and for nobody else: but by no key of the provider's."""
    with pytest.raises(SignOutRefused) as caught:
        corp.provider.told_to_end(Incoming("post", form=corp.leave().form), NOW)
    assert caught.value.reason == "saml.logout.signature"
