"""Vectors 10 to 13, and what else must not pass as an assertion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from app.local.aws.sts.saml import name_qualifier
from tests.forges.saml import DS, SAML, Signing, build_assertion, wrapped
from tests.local.aws.bench import ACS, ATTRIBUTES, PRODUCTION, SAML_PROVIDER, Bench, refusal, remaining, role_arn, trust

INVALID = ("InvalidIdentityToken", 400)
EXPIRED = ("ExpiredTokenException", 400)
DENIED = ("AccessDenied", 403)


def refused(bench: Bench, role: str, assertion: str, **parameters: Any) -> tuple[str, int]:
    said = refusal(lambda: bench.with_saml(role, assertion, **parameters))
    return said.code, said.status


def sentence(bench: Bench, role: str, assertion: str) -> str:
    return refusal(lambda: bench.with_saml(role, assertion)).message


def test_an_honest_assertion_gives_credentials_and_says_what_it_read(bench: Bench) -> None:
    role = bench.saml_role()
    aws = {"PrincipalTag:Team": ["payments"], "TransitiveTagKeys": ["Team"], "SourceIdentity": ["alice"]}
    taken = bench.with_saml(role, bench.assertion(role, aws=aws))
    assert taken["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/UpdateApp/alice"
    assert taken["Subject"] == "alice"
    assert taken["SubjectType"] == "persistent"
    assert taken["Audience"] == ACS
    assert taken["Issuer"] == bench.saml.entity_id
    assert taken["SourceIdentity"] == "alice"
    assert bench.client("sts", taken["Credentials"]).get_caller_identity()["Account"] == PRODUCTION


def test_the_name_qualifier_is_computed_as_aws_computes_it() -> None:
    assert name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP") == "1uAJanUnBc2XeUkHURMht+xam2c="


@pytest.mark.parametrize(("age", "works"), [(299, True), (301, False)])
def test_vector_10_an_assertion_is_good_for_five_minutes(bench: Bench, age: int, works: bool) -> None:
    role, issued = bench.saml_role(), bench.now() - timedelta(seconds=age)
    later = bench.now() + timedelta(minutes=10)
    old = bench.assertion(role, issued=issued, confirmed_until=later, not_on_or_after=later)
    if works:
        assert bench.with_saml(role, old)["Credentials"]
    else:
        assert refused(bench, role, old) == EXPIRED
        assert sentence(bench, role, old) == "Token must be redeemed within 5 minutes of issuance"


def test_vector_11_another_recipient(bench: Bench) -> None:
    role = bench.saml_role()
    for recipient in ("https://signin.aws.amazon.com/SAML", "https://signin.aws.amazon.com.evil.test/saml", None):
        assert refused(bench, role, bench.assertion(role, recipient=recipient)) == INVALID


def test_a_regional_recipient_is_an_audience_of_its_own(bench: Bench) -> None:
    regional = "https://us-east-1.signin.aws.amazon.com/saml"
    role = bench.saml_role()
    assert refused(bench, role, bench.assertion(role, recipient=regional)) == DENIED
    both = bench.saml_role("Both", StringEquals={"saml:aud": [ACS, regional]})
    assert bench.with_saml(both, bench.assertion(both, recipient=regional))["Audience"] == regional


def test_vector_11_no_end_of_the_confirmation(bench: Bench) -> None:
    role = bench.saml_role()
    assert refused(bench, role, bench.assertion(role, confirmed_until=None)) == INVALID
    past = bench.now() - timedelta(seconds=1)
    assert sentence(bench, role, bench.assertion(role, confirmed_until=past)) == "Response has expired"


def test_vector_11_two_confirmations(bench: Bench) -> None:
    role = bench.saml_role()
    bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    assert refused(bench, role, bench.assertion(role, methods=(bearer, bearer))) == INVALID


def test_vector_11_wrong_audience(bench: Bench) -> None:
    role = bench.saml_role()
    for audience in ("urn:amazon:webservices:govcloud", "https://signin.aws.amazon.com/saml", None):
        text = sentence(bench, role, bench.assertion(role, audience=audience))
        assert text.startswith("Response does not contain the required audience.")


def test_vector_11_unknown_issuer(bench: Bench) -> None:
    role = bench.saml_role()
    other = bench.assertion(role, issuer="https://evil.test", response_issuer="https://evil.test")
    assert refused(bench, role, other) == INVALID
    assert sentence(bench, role, other).startswith("Issuer not present in specified provider")


def test_vector_11_signed_by_another_key_or_by_none(bench: Bench) -> None:
    role = bench.saml_role()
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for how in (Signing(key=other), Signing(digest_value="AAAA"), Signing(uri=""), Signing(references=2), None):
        assert sentence(bench, role, bench.assertion(role, how)) == "Response signature invalid"


def test_vector_11_an_altered_role(bench: Bench) -> None:
    role, other = bench.saml_role(), bench.saml_role("Admin")
    root = bench.saml.signed(bench.draft(attributes=attributes(role)))
    for value in root.iter(f"{{{SAML}}}AttributeValue"):
        value.text = (value.text or "").replace("UpdateApp", "Admin")
    assert sentence(bench, other, bench.saml.encode(root)) == "Response signature invalid"


def test_vector_11_a_role_that_the_assertion_does_not_offer(bench: Bench) -> None:
    role, other = bench.saml_role(), bench.saml_role("Admin")
    said = refusal(lambda: bench.with_saml(other, bench.assertion(role)))
    assert (said.code, said.status) == DENIED
    assert said.message == "Not authorized to perform sts:AssumeRoleWithSAML"


@pytest.mark.parametrize("variant", range(1, 9))
def test_no_signature_wrapping_gets_another_role(bench: Bench, variant: int) -> None:
    role, wanted = bench.saml_role(), bench.saml_role("Admin")
    honest = bench.draft(attributes=attributes(role))
    how = (None, Signing()) if variant < 3 else (Signing(), None)
    root = bench.saml.signed(honest, *how)
    evil = build_assertion(bench.draft(attributes=attributes(wanted), assertion_id="_evil"))
    said = refusal(lambda: bench.with_saml(wanted, bench.saml.encode(wrapped(root, variant, evil))))
    assert (said.code, said.status) == INVALID


def test_an_own_signature_beside_the_providers_does_not_help(bench: Bench) -> None:
    role = bench.saml_role()
    root = bench.saml.signed(bench.draft(attributes=attributes(role)), Signing(), Signing(key=stranger()))
    assert sentence(bench, role, bench.saml.encode(root)) == "Response signature invalid"


def test_a_signed_response_is_enough(bench: Bench) -> None:
    role = bench.saml_role()
    root = bench.saml.signed(bench.draft(attributes=attributes(role)), None, Signing())
    assert bench.with_saml(role, bench.saml.encode(root))["Credentials"]


def test_sha1_and_hmac_are_no_signatures(bench: Bench) -> None:
    role = bench.saml_role()
    for how in (
        Signing(method=DS + "rsa-sha1"),
        Signing(digest=DS + "sha1"),
        Signing(method="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", key=bench.saml.certificate),
    ):
        assert sentence(bench, role, bench.assertion(role, how)) == "Response signature invalid"


def test_a_doctype_or_rubbish_is_refused_before_it_is_read(bench: Bench) -> None:
    role = bench.saml_role()
    for text in ("<!DOCTYPE r [<!ENTITY x 'y'>]><r>&x;</r>", "<open>", "", "plain text"):
        assert refused(bench, role, bench.saml.encode(text) or "AAAA") == INVALID
    assert refused(bench, role, "*" * 100) == INVALID


def test_a_comment_in_the_subject_does_not_cut_it(bench: Bench) -> None:
    role = bench.saml_role()
    root = bench.saml.signed(bench.draft(attributes=attributes(role), subject="alice.evil.test"))
    name = root.find(f".//{{{SAML}}}NameID")
    assert name is not None
    name.text = "alice"
    note = etree.Comment("")
    note.tail = ".evil.test"
    name.append(note)
    assert bench.with_saml(role, bench.saml.encode(root))["Subject"] == "alice.evil.test"


def test_vector_12_role_and_provider_in_both_orders_without_blanks(bench: Bench) -> None:
    role = bench.saml_role()
    turned = bench.assertion(role, aws={"Role": [f"{SAML_PROVIDER},{role}"]})
    assert bench.with_saml(role, turned)["Credentials"]
    for value in (f"{role}, {SAML_PROVIDER}", f" {role},{SAML_PROVIDER}", f"{role},{role}", role, ""):
        assert refused(bench, role, bench.assertion(role, aws={"Role": [value]})) == INVALID
    assert sentence(bench, role, bench.assertion(role, aws={"Role": [f"{role}, {SAML_PROVIDER}"]})) == (
        "Your request included an invalid SAML response. To logout, click here."
    )


def test_vector_13_the_identity_providers_end_of_session_is_the_end(bench: Bench) -> None:
    role = bench.saml_role()
    ends = bench.now() + timedelta(minutes=20)
    taken = bench.with_saml(role, bench.assertion(role, session_until=ends), DurationSeconds=3_600)
    assert remaining(taken["Credentials"]) <= timedelta(minutes=20)
    shorter = bench.with_saml(role, bench.assertion(role, aws={"SessionDuration": ["1800"]}), DurationSeconds=3_600)
    assert remaining(shorter["Credentials"]) <= timedelta(minutes=30)
    assert refused(bench, role, bench.assertion(role), DurationSeconds=43_201) == ("ValidationError", 400)


@pytest.mark.parametrize(
    ("aws", "text"),
    [
        ({"RoleSessionName": None}, "RoleSessionName is required in AuthnResponse"),
        ({"RoleSessionName": ["al ice"]}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ({"RoleSessionName": ["alice\n"]}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        (
            {"SourceIdentity": ["aws:alice"]},
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
        ),
    ],
)
def test_names_inside_the_assertion(bench: Bench, aws: dict[str, Any], text: str) -> None:
    role = bench.saml_role()
    assert sentence(bench, role, bench.assertion(role, aws=aws)) == text


def test_tags_need_a_trust_policy_that_lets_them_pass(bench: Bench) -> None:
    role = bench.role("Plain", trust({"Federated": SAML_PROVIDER}, "sts:AssumeRoleWithSAML"))
    assert bench.with_saml(role, bench.assertion(role))["Credentials"]
    for aws in ({"PrincipalTag:Team": ["payments"]}, {"SourceIdentity": ["alice"]}):
        assert refused(bench, role, bench.assertion(role, aws=aws)) == DENIED


def test_an_empty_name_id_is_denied(bench: Bench) -> None:
    role = bench.saml_role()
    assert refused(bench, role, bench.assertion(role, subject="")) == DENIED


def test_a_provider_that_is_gone(bench: Bench) -> None:
    role = bench.saml_role()
    assertion = bench.assertion(role)
    bench.client("iam").delete_saml_provider(SAMLProviderArn=SAML_PROVIDER)
    assert sentence(bench, role, assertion).startswith("Specified provider doesn't exist")


def test_a_missing_role_is_denied_like_one_that_does_not_trust(bench: Bench) -> None:
    missing = role_arn("Missing")
    assert refused(bench, missing, bench.assertion(missing)) == DENIED


def attributes(role: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ((ATTRIBUTES + "Role", (f"{role},{SAML_PROVIDER}",)), (ATTRIBUTES + "RoleSessionName", ("alice",)))


def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
