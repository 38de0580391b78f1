"""The pre-filter may be sent anything at all, and answers with a refusal or an admitted document."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from app.errors import SignInRefused
from app.providers.saml.prefilter import admit
from app.providers.saml.signed import signed_element
from tests.forges.saml import SAML, SamlForge, Signing

FORGE = SamlForge()
HONEST = etree.tostring(
    FORGE.signed(
        FORGE.draft("https://aws.example.com/signin/corp/acs", "https://aws.example.com", "_r", datetime.now(UTC)),
        response=Signing(),
    )
)
PIECES = sorted({piece for piece in HONEST.replace(b">", b">\n").splitlines() if piece}, key=len)


def admitted_or_refused(field: str) -> bool:
    """Nothing but SignInRefused may come out; anything else fails the test by itself."""
    with contextlib.suppress(SignInRefused):
        admit(field)
        return True
    return False


def test_the_honest_response_is_admitted() -> None:
    assert admitted_or_refused(base64.b64encode(HONEST).decode())


@given(st.text(max_size=400))
def test_any_text_is_refused(field: str) -> None:
    assert not admitted_or_refused(field)


@given(st.binary(max_size=400))
def test_any_octets_are_refused(raw: bytes) -> None:
    assert not admitted_or_refused(base64.b64encode(raw).decode())


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_shuffled_pieces_of_an_honest_response_are_refused(pieces: list[bytes]) -> None:
    assert not admitted_or_refused(base64.b64encode(b"".join(pieces)).decode())


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_response_says_what_was_signed_or_nothing(data: st.DataObject) -> None:
    """Cut, insert or overwrite anywhere: if the signed octets still match, they are the signed ones."""
    at = data.draw(st.integers(0, len(HONEST) - 1))
    until = data.draw(st.integers(at, min(len(HONEST), at + 40)))
    patch = data.draw(st.one_of(st.binary(max_size=20), st.sampled_from(PIECES)))
    damaged = HONEST[:at] + patch + HONEST[until:]
    try:
        assertion = signed(damaged)
    except SignInRefused:
        return
    assert etree.tostring(assertion) == etree.tostring(signed(HONEST))


def signed(document: bytes) -> etree._Element:
    """The assertion, if the forge signed it."""
    found = admit(base64.b64encode(document).decode()).root.find(f"{{{SAML}}}Assertion")
    if found is None:
        raise SignInRefused("encrypted")
    return signed_element(found, [base64.b64encode(FORGE.certificate).decode()])


@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 + 1])
def test_the_largest_field_is_read_and_a_larger_one_is_not(size: int) -> None:
    with pytest.raises(SignInRefused) as caught:
        admit("A" * size)
    assert caught.value.reason == ("saml.too-large" if size > 256 * 1024 else "saml.doctype")
