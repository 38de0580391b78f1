"""What a forger sends: the attack catalogue of SAML, row by row. The number in a name is the row's."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from app.errors import SignInRefused
from app.providers.refusals import UNVERIFIED
from app.providers.saml import driver
from tests.forges.saml import (
    BEARER,
    DIGESTS,
    DS,
    ENVELOPED,
    EXC,
    MORE,
    SAML,
    SAMLP,
    SIGNATURES,
    XENC,
    SamlForge,
    Signing,
    build_assertion,
    make_certificate,
    wrapped,
)
from tests.forges.saml_encryption import encrypted
from tests.providers.conftest import SamlSignIn

MINUTE = timedelta(minutes=1)


def evil(saml: SamlSignIn, **changes: Any) -> etree._Element:
    return build_assertion(saml.draft(subject="mallory", assertion_id="_evil_assertion", **changes))


def assertion_of(root: etree._Element) -> etree._Element:
    found = root.find(f"{{{SAML}}}Assertion")
    assert found is not None
    return found


@pytest.mark.parametrize("variant", range(1, 9))
def test_01_wrapping_is_refused_before_the_library_sees_it(saml: SamlSignIn, variant: int) -> None:
    signed = saml.signed(response=Signing()) if variant < 3 else saml.signed()
    assert saml.refusal(wrapped(signed, variant, evil(saml))) in ("saml.structure", "saml.signature-structure")


@pytest.mark.parametrize("variant", range(3, 9))
def test_01_wrapping_under_the_honest_id_is_refused(saml: SamlSignIn, variant: int) -> None:
    signed = saml.signed()
    forged = evil(saml)
    forged.set("ID", assertion_of(signed).get("ID") or "")
    reason = saml.refusal(wrapped(signed, variant, forged))
    assert reason in ("saml.structure", "saml.signature-structure", "saml.id")


def test_02_two_assertions_are_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    root.append(evil(saml))
    assert saml.refusal(root) == "saml.structure"


def test_02_the_same_id_twice_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    root.set("ID", assertion_of(root).get("ID") or "")
    assert saml.refusal(root) == "saml.id"


def test_02_a_signature_moved_to_another_place_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    signature = assertion_of(root).find(f"{{{DS}}}Signature")
    assert signature is not None
    assertion_of(root).find(f"{{{SAML}}}Subject").append(signature)  # type: ignore[union-attr] # the draft has one
    assert saml.refusal(root) == "saml.signature-structure"


def test_02_a_response_inside_something_else_is_refused(saml: SamlSignIn) -> None:
    outer = etree.Element(f"{{{SAMLP}}}ArtifactResponse", ID="_outer")
    outer.append(saml.signed())
    assert saml.refusal(outer) == "saml.structure"


def test_03_without_a_signature_nothing_is_believed(saml: SamlSignIn) -> None:
    assert saml.refusal(saml.signed(assertion=None)) == "saml.unsigned"


def test_04_a_signed_response_alone_is_not_enough(saml: SamlSignIn) -> None:
    assert saml.refusal(saml.signed(assertion=None, response=Signing())) == "saml.unsigned"


def test_05_an_envelope_altered_around_a_signed_assertion_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    root.set("Destination", "https://evil.example.com")
    assert saml.refusal(root) == "saml.destination"
    root = saml.signed()
    root.set("InResponseTo", "_other")
    assert saml.refusal(root) == "saml.in-response-to"


def test_06_a_certificate_that_comes_with_the_answer_is_no_certificate(
    saml: SamlSignIn, strangers_key: rsa.RSAPrivateKey
) -> None:
    forged = Signing(key=strangers_key, certificate=make_certificate(strangers_key))
    assert saml.refusal(saml.signed(assertion=forged)) == "saml.signature"


@pytest.mark.parametrize("part", ["subject", "group"])
def test_07_content_altered_after_signing_is_refused(saml: SamlSignIn, part: str) -> None:
    root = saml.signed()
    path = f".//{{{SAML}}}{'NameID' if part == 'subject' else 'AttributeValue'}"
    found = root.find(path)
    assert found is not None
    found.text = "mallory"
    assert saml.refusal(root) == "saml.signature"


def test_07_another_key_is_refused(saml: SamlSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(key=strangers_key))) == "saml.signature"


def test_07_empty_signature_and_digest_values_are_refused(saml: SamlSignIn) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(value=""))) == "saml.signature-structure"
    assert saml.refusal(saml.signed(assertion=Signing(digest_value=""))) == "saml.signature-algorithm"
    assert saml.refusal(saml.signed(assertion=Signing(digest_value="AAAA"))) == "saml.signature"


@pytest.mark.parametrize("inside", ["<!-- -->", "<?pi x?>"])
def test_08_a_comment_or_instruction_inside_a_name_is_refused(saml: SamlSignIn, inside: str) -> None:
    text = etree.tostring(saml.signed(saml.draft(subject="alice@example.com.evil")))
    assert saml.refusal(text.replace(b"example.com.evil", f"example.com{inside}.evil".encode())) == "saml.structure"


def test_08_character_data_in_a_name_is_its_full_text_or_nothing(saml: SamlSignIn) -> None:
    text = etree.tostring(saml.signed(saml.draft(subject="alice.evil")))
    cdata = text.replace(b">alice.evil<", b"><![CDATA[alice.]]>evil<")
    assert saml.post(cdata).identity.subject == "alice.evil"


def test_09_an_element_inside_a_value_is_refused_even_if_signed(saml: SamlSignIn) -> None:
    root = saml.signed(assertion=None)
    value = root.find(f".//{{{SAML}}}AttributeValue")
    assert value is not None
    value.text = "admin"
    etree.SubElement(value, f"{{{SAML}}}NameID").text = "istrators"
    saml.forge.sign(assertion_of(root))
    assert saml.refusal(root) == "saml.text"


def test_11_what_is_too_large_is_refused_before_it_is_decoded(saml: SamlSignIn) -> None:
    with pytest.raises(SignInRefused) as caught:
        saml.provider.arrive("A" * (256 * 1024 + 4), saml.departure.kept, saml.now)
    assert caught.value.reason == "saml.too-large"


def test_11_too_many_elements_are_refused(saml: SamlSignIn) -> None:
    many = (("groups", tuple("g" for _ in range(5200))),)
    text = etree.tostring(saml.signed(saml.draft(attributes=many)))
    text = text.replace(b"<saml:AttributeValue>g</saml:AttributeValue>", b"<saml:Advice/>")
    assert saml.refusal(text) == "saml.too-large"


@pytest.mark.parametrize("uri", ["relative", "../up", "1", "/a"])
def test_12_a_relative_namespace_is_refused(saml: SamlSignIn, uri: str) -> None:
    text = etree.tostring(saml.signed()).replace(b"<saml:Subject>", f'<saml:Subject xmlns:v="{uri}">'.encode())
    assert saml.refusal(text) in ("saml.namespace", "saml.xml")


@pytest.mark.parametrize("name", ["xml:id", "samlp:ID", "id", "Assertionid"])
def test_12_an_id_under_another_name_is_refused(saml: SamlSignIn, name: str) -> None:
    text = etree.tostring(saml.signed()).replace(b"<saml:Subject>", f'<saml:Subject {name}="_x">'.encode())
    assert saml.refusal(text) == "saml.id"


def test_12_an_assertion_of_another_namespace_is_counted(saml: SamlSignIn) -> None:
    root = saml.signed()
    subject = assertion_of(root).find(f"{{{SAML}}}Subject")
    assert subject is not None
    etree.SubElement(subject, "{urn:other}Assertion", ID="_other")
    assert saml.refusal(root) == "saml.structure"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaa">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "a"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
        "<!doctype r>",
    ],
)
def test_13_a_document_type_is_refused(saml: SamlSignIn, prolog: str) -> None:
    assert saml.refusal(prolog.encode() + etree.tostring(saml.signed())) == "saml.doctype"


def test_13_a_very_deep_document_is_refused(saml: SamlSignIn) -> None:
    deep = b"<a>" * 300 + b"</a>" * 300
    text = etree.tostring(saml.signed()).replace(b"</saml:Subject>", deep + b"</saml:Subject>")
    assert saml.refusal(text) == "saml.xml"


@pytest.mark.parametrize(
    "transforms",
    [
        (ENVELOPED, EXC, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"),
        (ENVELOPED, "http://www.w3.org/2000/09/xmldsig#base64"),
        (ENVELOPED, EXC + "WithComments"),
        (ENVELOPED, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        (EXC,),
        (EXC, ENVELOPED),
        (),
    ],
)
def test_14_no_other_transform_is_evaluated(saml: SamlSignIn, transforms: tuple[str, ...]) -> None:
    reason = saml.refusal(saml.signed(assertion=Signing(transforms=transforms)))
    assert reason in ("saml.signature-transform", "saml.signature-structure")


def test_14_a_strangers_stylesheet_never_runs(
    saml: SamlSignIn, strangers_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the library was reached")

    monkeypatch.setattr("app.providers.saml.arriving.verify", never)
    xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116"
    document = saml.signed(assertion=Signing(key=strangers_key, transforms=(ENVELOPED, xslt)))
    assert saml.refusal(document) == "saml.signature-transform"


@pytest.mark.parametrize("method", [m for m in SIGNATURES if not m.endswith(("sha256", "sha384", "sha512"))])
def test_15_16_weak_signatures_are_refused(saml: SamlSignIn, method: str) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(method=method))) == "saml.signature-algorithm"


@pytest.mark.parametrize("digest", [d for d in DIGESTS if not d.endswith(("sha256", "sha384", "sha512"))])
def test_15_16_weak_digests_are_refused(saml: SamlSignIn, digest: str) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(digest=digest))) == "saml.signature-algorithm"


def test_16_ripemd160_is_refused(saml: SamlSignIn) -> None:
    for how in (Signing(method=MORE + "rsa-ripemd160"), Signing(digest=XENC + "ripemd160")):
        assert saml.refusal(saml.signed(assertion=how)) == "saml.signature-algorithm"


def test_17_our_knowledge_of_the_certificate_is_no_shared_secret(saml: SamlSignIn) -> None:
    how = Signing(method=MORE + "hmac-sha256", key=saml.forge.certificate)
    assert saml.refusal(saml.signed(assertion=how)) == "saml.signature-algorithm"


@pytest.mark.parametrize("uri", ["", "#", "#_another", "https://evil.example.com/assertion", "#xpointer(/)"])
def test_18_a_reference_to_anything_but_its_own_element_is_refused(saml: SamlSignIn, uri: str) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(uri=uri))) == "saml.signature-reference"


def test_19_several_references_are_refused(saml: SamlSignIn) -> None:
    assert saml.refusal(saml.signed(assertion=Signing(references=2))) == "saml.signature-structure"


def test_19_a_signature_over_another_element_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed(assertion=None)
    other = saml.signed(saml.draft(assertion_id=assertion_of(root).get("ID"), subject="mallory"))
    signature = assertion_of(other).find(f"{{{DS}}}Signature")
    assert signature is not None
    assertion_of(root).insert(1, copy.deepcopy(signature))
    assert saml.refusal(root) == "saml.signature"


def test_19_a_second_signature_value_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    signature = assertion_of(root).find(f"{{{DS}}}Signature")
    assert signature is not None
    signature.append(copy.deepcopy(signature[1]))
    assert saml.refusal(root) == "saml.signature-structure"


HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("audience", {"audience": "https://other.example.com"}, {"saml.audience"}),
    ("recipient", {"recipient": "https://other.example.com/acs"}, {"saml.subject-confirmation"}),
    ("request", {"request_id": "_other", "confirmed_request_id": "_other"}, {"saml.in-response-to"}),
    ("confirmed request", {"confirmed_request_id": "_other"}, {"saml.subject-confirmation", "saml.in-response-to"}),
    ("issuer of the assertion", {"issuer": "https://other.example.com"}, {"saml.issuer"}),
    ("issuer of the response", {"response_issuer": "https://other.example.com"}, {"saml.issuer"}),
    ("no conditions", {"conditions": False}, {"saml.conditions"}),
    ("no confirmation data", {"confirmation_data": False}, {"saml.subject-confirmation"}),
    (
        "another confirmation",
        {"methods": ("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",)},
        {"saml.subject-confirmation"},
    ),
    ("two confirmations", {"methods": (BEARER, BEARER)}, {"saml.subject-confirmation"}),
    ("no subject text", {"subject": ""}, {"saml.subject", "saml.unexpected"}),
]


@pytest.mark.parametrize(("changes", "reasons"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_20_what_is_meant_for_another_is_refused(saml: SamlSignIn, changes: dict[str, Any], reasons: set[str]) -> None:
    assert saml.refusal_of(**changes) in reasons


ABSENT: list[tuple[str, dict[str, Any], str]] = [
    ("audience", {"audience": None}, "saml.audience"),
    ("issuer of the response", {"response_issuer": None}, "saml.issuer"),
    ("recipient", {"recipient": None}, "saml.subject-confirmation"),
    ("destination", {"destination": None}, "saml.destination"),
    ("request of the response", {"request_id": None}, "saml.in-response-to"),
    ("request of the confirmation", {"confirmed_request_id": None}, "saml.in-response-to"),
    ("unsolicited", {"request_id": None, "confirmed_request_id": None}, "saml.in-response-to"),
    ("end of the confirmation", {"confirmed_until": None}, "saml.subject-confirmation"),
    ("start of the conditions", {"not_before": None}, "saml.conditions"),
    ("end of the conditions", {"not_on_or_after": None}, "saml.conditions"),
]


@pytest.mark.parametrize(("changes", "reason"), [row[1:] for row in ABSENT], ids=[row[0] for row in ABSENT])
def test_21_what_is_absent_is_not_agreement(saml: SamlSignIn, changes: dict[str, Any], reason: str) -> None:
    assert saml.refusal_of(**changes) == reason


def test_21_a_destination_that_only_begins_with_ours_is_refused(saml: SamlSignIn) -> None:
    assert saml.refusal_of(destination=saml.provider.us.acs + "/../evil") == "saml.destination"


def test_21_a_recipient_that_only_contains_ours_is_refused(saml: SamlSignIn) -> None:
    inside = f"https://evil.example.com/?{saml.provider.us.acs}"
    assert saml.refusal_of(recipient=inside) == "saml.subject-confirmation"


def test_21_a_start_of_the_confirmation_is_refused(saml: SamlSignIn) -> None:
    assert saml.refusal_of(confirmed_from=saml.now - MINUTE) == "saml.subject-confirmation"


def test_22_an_answer_to_somebody_elses_request_is_refused(begin_saml: Callable[..., SamlSignIn]) -> None:
    mallory, alice = begin_saml(), begin_saml()
    assert alice.refusal(mallory.signed()) == "saml.in-response-to"


def test_22_a_replayed_assertion_has_the_name_under_which_it_was_remembered(saml: SamlSignIn) -> None:
    document = saml.signed()
    assert saml.post(document).used_once == saml.post(document).used_once


TEN_YEARS = timedelta(days=3650)
TIMES: list[tuple[str, Callable[[SamlSignIn], dict[str, Any]], set[str]]] = [
    ("ten years of conditions", lambda s: {"not_on_or_after": s.now + TEN_YEARS}, {"saml.validity-too-long"}),
    ("ten years of confirmation", lambda s: {"confirmed_until": s.now + TEN_YEARS}, {"saml.validity-too-long"}),
    ("expired by two minutes", lambda s: {"not_on_or_after": s.now - 2 * MINUTE}, {"saml.expired"}),
    ("expired by an hour", lambda s: {"not_on_or_after": s.now - 60 * MINUTE}, {"saml.expired"}),
    ("confirmation expired", lambda s: {"confirmed_until": s.now - 2 * MINUTE}, {"saml.subject-confirmation"}),
    ("not yet valid", lambda s: {"not_before": s.now + 2 * MINUTE}, {"saml.too-early"}),
    ("issued in the future", lambda s: {"issued": s.now + 2 * MINUTE}, {"saml.too-early"}),
    ("issued long ago", lambda s: {"issued": s.now - 12 * MINUTE}, {"saml.expired"}),
    ("authenticated in the future", lambda s: {"authenticated": s.now + 2 * MINUTE}, {"saml.too-early"}),
    ("session over", lambda s: {"session_until": s.now - 2 * MINUTE}, {"saml.session-expired"}),
]


@pytest.mark.parametrize(("changes", "reasons"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_23_validity_is_short_and_skew_is_small(
    saml: SamlSignIn, changes: Callable[[SamlSignIn], dict[str, Any]], reasons: set[str]
) -> None:
    assert saml.refusal_of(**changes(saml)) in reasons


def test_23_a_clock_that_is_half_a_minute_off_is_forgiven(saml: SamlSignIn) -> None:
    half = timedelta(seconds=30)
    assert saml.arrives(issued=saml.now + half, not_before=saml.now + half, authenticated=saml.now + half).subject
    assert saml.arrives(not_on_or_after=saml.now - half).subject


@pytest.mark.parametrize(
    "stamp", ["2026-11-21", "2026-11-21T10:00:00+01:00", "2026-02-30T10:00:00Z", "٢٠٢٦-11-21T10:00:00Z"]
)
def test_23_a_moment_that_is_not_in_utc_is_refused(saml: SamlSignIn, stamp: str) -> None:
    root = saml.signed(assertion=None)
    statement = root.find(f".//{{{SAML}}}AuthnStatement")
    assert statement is not None
    statement.set("AuthnInstant", stamp)
    saml.forge.sign(assertion_of(root))
    assert saml.refusal(root) in ("saml.authn-statement", "saml.structure", "saml.unexpected")


def test_24_an_encrypted_assertion_is_refused_with_a_reason_one_can_act_on(saml: SamlSignIn) -> None:
    root = saml.signed()
    stranger = make_certificate(rsa.generate_private_key(65537, 2048))
    assert saml.refusal(encrypted(root, stranger)) == "saml.encrypted"
    root.replace(assertion_of(root), etree.Element(f"{{{SAML}}}EncryptedAssertion"))
    assert saml.refusal(root) == "saml.structure"


def test_25_an_encrypted_assertion_beside_a_signed_one_is_refused(saml: SamlSignIn) -> None:
    root = saml.signed()
    root.append(etree.Element(f"{{{SAML}}}EncryptedAssertion"))
    assert saml.refusal(root) == "saml.structure"


DECEPTIVE = [
    "alice ",
    " alice",
    "ali\nce",
    "ali\u200bce",
    "ali\u202ece",
    "alic\u0065\u0301",
    "ali\u2060ce",
    "a\ufe0f",
    "\u3164",
    "a" * 257,
]


@pytest.mark.parametrize("value", DECEPTIVE)
def test_27_a_subject_that_is_not_what_it_looks_like_is_refused(saml: SamlSignIn, value: str) -> None:
    assert saml.refusal_of(subject=value) == "saml.text"
    assert saml.refusal_of(attributes=(("groups", ("aws-dev", value)),)) == "saml.text"


def test_27_case_is_part_of_a_name(saml: SamlSignIn) -> None:
    assert saml.arrives(subject="Alice").person != saml.arrives(subject="alice").person


def test_28_an_attribute_that_comes_twice_is_refused(saml: SamlSignIn) -> None:
    for name in ("groups", "email", "department"):
        twice = (("groups", ("aws-dev",)), (name, ("one",)), (name, ("other",)))
        assert saml.refusal_of(attributes=twice) == "saml.attribute-twice"


def test_29_the_address_is_the_configured_one_and_no_other(saml: SamlSignIn) -> None:
    elsewhere = "https://evil.example.com/signin/corp/acs"
    assert saml.refusal_of(destination=elsewhere, recipient=elsewhere) == "saml.destination"


def test_31_an_answer_of_another_configured_provider_is_refused(begin_saml: Callable[..., SamlSignIn]) -> None:
    other = SamlForge(entity_id="https://other.example.com/saml")
    saml = begin_saml()
    root = other.signed(saml.draft(issuer=other.entity_id, response_issuer=other.entity_id))
    assert saml.refusal(root) in ("saml.issuer", "saml.signature")


@pytest.mark.parametrize(
    "field",
    [
        "",
        "!!!!",
        "PHg+ PC94Pg==",
        "PHg+\x00",
        "PHg_",
        "PHg",
        base64.b64encode("<a>ü</a>".encode("latin-1")).decode(),
        base64.b64encode("<a/>".encode("utf-16")).decode(),
        base64.b64encode(b'<?xml version="1.0" encoding="utf-7"?><a/>').decode(),
        base64.b64encode(b"<a>").decode(),
        base64.b64encode(b"<a/>").decode(),
        "ü",
        "\ud800",
    ],
)
def test_what_is_no_response_at_all_is_refused(saml: SamlSignIn, field: str) -> None:
    with pytest.raises(SignInRefused) as caught:
        saml.provider.arrive(field, saml.departure.kept, saml.now)
    assert caught.value.reason in ("saml.encoding", "saml.xml", "saml.structure")


@pytest.mark.parametrize("kept", [{}, {"request_id": "_x"}, {"departed": "0"}, {"request_id": "_x", "departed": "-1"}])
def test_an_attempt_that_kept_nothing_useful_is_refused(saml: SamlSignIn, kept: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        saml.provider.arrive(saml.forge.encode(saml.signed()), kept, saml.now)


def test_a_forger_reads_one_sentence_whatever_he_tries(saml: SamlSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    documents = [
        saml.signed(assertion=None),
        saml.signed(assertion=Signing(key=strangers_key)),
        saml.signed(assertion=Signing(method=DS + "rsa-sha1")),
        saml.signed(saml.draft(audience="https://other.example.com")),
        wrapped(saml.signed(), 3, evil(saml)),
    ]
    sentences = set()
    for document in documents:
        with pytest.raises(SignInRefused) as caught:
            saml.post(document)
        sentences.add(caught.value.sentence)
    assert sentences == {UNVERIFIED}


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
