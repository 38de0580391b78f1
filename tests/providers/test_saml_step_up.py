"""More than "who is it", asked of a SAML provider: what the request says, and that the answer is held to it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from app.core.needs import Needs
from app.errors import SignInRefused
from app.providers.arrival import Asked
from tests.forges.saml import PASSWORD, SAML, SAMLP, TOKEN
from tests.providers.conftest import SamlSignIn

MFA, FRESH = Needs(mfa=True), Needs(max_age=timedelta(minutes=5))


@dataclass
class SteppingUp:
    saml: SamlSignIn
    needs: Needs

    def __post_init__(self) -> None:
        asked = Asked(self.needs, login_hint="alice@example.com")
        self.saml.departure = self.saml.provider.depart("state-key", self.saml.now, asked)

    @property
    def request(self) -> etree._Element:
        query = parse_qs(urlsplit(self.saml.departure.url).query)
        return etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))

    def refusal(self, **changes: Any) -> SignInRefused:
        with pytest.raises(SignInRefused) as caught:
            self.saml.post(self.saml.signed(self.saml.draft(**changes)))
        return caught.value


def test_an_ordinary_sign_in_asks_for_nothing_more(saml: SamlSignIn) -> None:
    request = SteppingUp(saml, Needs()).request
    assert request.get("ForceAuthn") is None
    assert request.find(f"{{{SAMLP}}}RequestedAuthnContext") is None
    assert b"alice@example.com" not in etree.tostring(request)  # what was typed is no fact, and not asked for


def test_a_second_factor_is_asked_for_by_name_and_must_be_in_the_answer(saml: SamlSignIn) -> None:
    stepping = SteppingUp(saml, MFA)
    context = stepping.request.find(f"{{{SAMLP}}}RequestedAuthnContext")
    assert context is not None
    assert context.get("Comparison") == "exact"
    assert [one.text for one in context.findall(f"{{{SAML}}}AuthnContextClassRef")] == [TOKEN]
    assert saml.arrives(context=TOKEN).mfa
    refusal = stepping.refusal(context=PASSWORD)
    assert refusal.reason == "saml.step-up-mfa"
    assert "second factor" in refusal.sentence
    assert TOKEN in refusal.sentence


def test_a_fresh_sign_in_is_forced_and_an_older_one_is_refused(saml: SamlSignIn) -> None:
    stepping = SteppingUp(saml, FRESH)
    assert stepping.request.get("ForceAuthn") == "true"
    assert saml.arrives(authenticated=saml.now - timedelta(minutes=5)).subject == "alice"
    refusal = stepping.refusal(authenticated=saml.now - timedelta(minutes=7))
    assert refusal.reason == "saml.step-up-age"
    assert "fresh sign-in" in refusal.sentence


def test_both_at_once(saml: SamlSignIn) -> None:
    stepping = SteppingUp(saml, Needs(mfa=True, max_age=timedelta(minutes=5)))
    assert stepping.request.get("ForceAuthn") == "true"
    assert saml.arrives(context=TOKEN).mfa
    assert stepping.refusal(context=PASSWORD).reason == "saml.step-up-mfa"
    old = saml.now - timedelta(hours=1)
    assert stepping.refusal(context=TOKEN, authenticated=old).reason == "saml.step-up-age"


def test_a_provider_that_has_no_such_factor_is_told_in_words_for_people(saml: SamlSignIn) -> None:
    SteppingUp(saml, MFA)
    no = "urn:oasis:names:tc:SAML:2.0:status:"
    draft = saml.draft(status=f"{no}Responder", substatus=f"{no}NoAuthnContext")
    with pytest.raises(SignInRefused, match="second factor") as caught:
        saml.post(saml.forge.signed(draft, assertion=None))
    assert caught.value.reason == "saml.step-up-mfa"


def test_a_second_factor_that_no_answer_could_show_is_not_even_asked_for(
    begin_saml: Callable[..., SamlSignIn],
) -> None:
    saml = begin_saml(mfa_contexts=())
    with pytest.raises(SignInRefused, match="mfa_contexts") as caught:
        SteppingUp(saml, MFA)
    assert caught.value.reason == "saml.step-up-mfa"


def test_what_was_asked_is_remembered_here_and_not_in_the_address(saml: SamlSignIn) -> None:
    """Whoever takes ForceAuthn out of the address bar comes back to an attempt that asked for it."""
    stepping = SteppingUp(saml, FRESH)
    stripped = replace(saml.departure, url=saml.departure.url.partition("?")[0])
    saml.departure = stripped
    assert stepping.refusal(authenticated=saml.now - timedelta(hours=1)).reason == "saml.step-up-age"


@pytest.mark.parametrize("written", ["-1", "1.5", "", "٣", "9" * 10])
def test_an_attempt_that_says_something_else_is_refused(saml: SamlSignIn, written: str) -> None:
    kept = {**saml.departure.kept, "max_age": written}
    with pytest.raises(SignInRefused) as caught:
        saml.provider.arrive(saml.forge.encode(saml.signed()), kept, saml.now)
    assert caught.value.reason == "saml.attempt"


def test_the_providers_name_for_its_session_is_kept_for_the_end_of_it(saml: SamlSignIn) -> None:
    arrival = saml.post(saml.signed(saml.draft(sp_qualifier=saml.provider.us.entity_id)))
    assert arrival.identity.sid == "_s1"
    assert "alice" in arrival.upstream.values()
    assert "_s1" in arrival.upstream.values()
    assert saml.provider.us.entity_id in arrival.upstream.values()
    assert "alice" not in repr(replace(arrival, identity=None))  # type: ignore[arg-type] # only what is beside it


def test_saml_has_no_way_to_ask_again_without_the_person(saml: SamlSignIn) -> None:
    arrival = saml.post(saml.signed())
    assert saml.provider.renew(arrival.upstream, arrival.identity, saml.now) is None
