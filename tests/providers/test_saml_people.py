"""Alice arrives by SAML, and is who her provider says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.errors import GroupsUnknown, SignInRefused
from tests.forges.saml import MORE, PERSISTENT, RSA_SHA256, TOKEN, TRANSIENT, XENC, SamlForge, Signing
from tests.providers.conftest import SamlSignIn


def test_alice_arrives_with_her_groups_and_what_the_operator_asked_for(saml: SamlSignIn) -> None:
    alice = saml.arrives()
    assert (alice.provider, alice.subject, alice.name, alice.email) == ("corp", "alice", "alice", "alice@example.com")
    assert alice.groups == {"aws-dev", "everyone"}
    assert alice.attributes == {"department": ("Payments",)}
    assert alice.verified_at == saml.now
    assert abs(alice.authenticated_at - (saml.now - timedelta(seconds=5))) < timedelta(milliseconds=1)
    assert alice.mfa is False


def test_the_end_that_her_provider_sets_comes_with_her(saml: SamlSignIn) -> None:
    assert saml.arrives().ends_at is None
    end = (saml.now + timedelta(minutes=20)).replace(microsecond=0)
    skew = timedelta(seconds=60)
    assert saml.arrives(saml.signed(saml.draft(session_until=end))).ends_at == end + skew


def test_an_end_that_means_never_is_one_that_no_session_reaches(saml: SamlSignIn) -> None:
    never = datetime.max.replace(tzinfo=UTC)
    ends_at = saml.arrives(saml.signed(saml.draft(session_until=never))).ends_at
    assert ends_at is not None
    assert ends_at > saml.now + timedelta(days=365 * 1000)
    for end in ("not_on_or_after", "confirmed_until"):
        assert saml.refusal_of(**{end: never}) == "saml.validity-too-long"


def test_her_assertion_is_named_so_that_it_can_be_used_only_once(saml: SamlSignIn) -> None:
    draft = saml.draft()
    arrival = saml.post(saml.signed(draft))
    assert arrival.used_once == f"corp:{draft.assertion_id}"
    assert draft.not_on_or_after is not None
    assert arrival.used_until >= draft.not_on_or_after


def test_a_response_signed_as_well_is_fine(saml: SamlSignIn) -> None:
    assert saml.arrives(saml.signed(response=Signing())).subject == "alice"


@pytest.mark.parametrize("name", ["rsa-sha256", "rsa-sha384", "rsa-sha512"])
@pytest.mark.parametrize("digest", [XENC + "sha256", MORE + "sha384", XENC + "sha512"])
def test_every_allowed_rsa_algorithm_works(saml: SamlSignIn, name: str, digest: str) -> None:
    assert saml.arrives(saml.signed(assertion=Signing(method=MORE + name, digest=digest))).subject == "alice"


def test_a_provider_with_an_elliptic_curve_key_works(begin_saml: Callable[..., SamlSignIn]) -> None:
    saml = begin_saml(SamlForge(key=ec.generate_private_key(ec.SECP256R1())))
    assert saml.arrives(saml.signed(assertion=Signing(method=MORE + "ecdsa-sha256"))).subject == "alice"


def test_types_whose_prefix_only_a_prefix_list_keeps_survive(saml: SamlSignIn) -> None:
    for prefixes in ("", "xs", "xs xsi"):
        signed = saml.signed(saml.draft(typed=True), assertion=Signing(prefixes=prefixes), response=Signing())
        assert saml.arrives(signed).groups == {"aws-dev", "everyone"}


def test_base64_may_have_line_ends_as_mime_writes_them(saml: SamlSignIn) -> None:
    encoded = saml.forge.encode(saml.signed())
    lines = "\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    assert saml.provider.arrive(lines, saml.departure.kept, saml.now).identity.subject == "alice"


def test_a_context_that_the_operator_counts_is_mfa_and_no_other(saml: SamlSignIn) -> None:
    assert saml.arrives(context=TOKEN).mfa is True
    assert saml.arrives(context=TOKEN.lower()).mfa is False


def test_a_missing_groups_attribute_is_not_an_empty_one(saml: SamlSignIn) -> None:
    with pytest.raises(GroupsUnknown) as caught:
        saml.arrives(attributes=(("email", ("alice@example.com",)),))
    assert caught.value.reason == "saml.groups-missing"
    assert "“groups”" in caught.value.sentence
    assert "Example Corp" in caught.value.sentence
    assert saml.arrives(attributes=(("groups", ()),)).groups == frozenset()
    assert saml.arrives(attributes=(("groups", ("",)),)).groups == frozenset()


def test_no_attributes_at_all_is_told_as_missing_groups(saml: SamlSignIn) -> None:
    assert saml.refusal_of(attributes=()) == "saml.groups-missing"


def test_entras_pointer_to_too_many_groups_has_its_own_sentence(saml: SamlSignIn) -> None:
    pointer = ("http://schemas.microsoft.com/claims/groups.link", ("https://graph.example.com/groups",))
    with pytest.raises(GroupsUnknown) as caught:
        saml.arrives(attributes=(pointer,))
    assert caught.value.reason == "saml.groups-overage"
    assert "more groups" in caught.value.sentence


def test_a_thousand_groups_arrive_and_one_more_does_not(saml: SamlSignIn) -> None:
    many = tuple(f"g{n}" for n in range(1000))
    assert len(saml.arrives(attributes=(("groups", many),)).groups) == 1000
    assert saml.refusal_of(attributes=(("groups", (*many, "more")),)) == "saml.too-many-groups"


def test_a_name_other_than_the_subject_comes_from_its_attribute_or_not_at_all(
    begin_saml: Callable[..., SamlSignIn],
) -> None:
    saml = begin_saml(name_attribute="email")
    assert saml.arrives().name == "alice@example.com"
    with pytest.raises(SignInRefused) as caught:
        saml.arrives(attributes=(("groups", ("aws-dev",)),))
    assert caught.value.reason == "saml.name-missing"
    assert "“email”" in caught.value.sentence
    two = (("groups", ("aws-dev",)), ("email", ("a@example.com", "b@example.com")))
    assert saml.refusal_of(attributes=two) == "saml.name-missing"


def test_a_value_that_nobody_asked_for_is_not_kept_and_does_no_harm(saml: SamlSignIn) -> None:
    odd = (("groups", ("aws-dev",)), ("photo", ("\u202eodd", "x" * 5000)))
    assert saml.arrives(attributes=odd).attributes == {}


def test_what_nobody_reads_may_come_twice_as_keycloak_sends_its_roles(saml: SamlSignIn) -> None:
    roles = (("groups", ("aws-dev",)), ("Role", ("offline_access",)), ("Role", ("uma_authorization",)))
    assert saml.arrives(attributes=roles).groups == {"aws-dev"}


def test_several_values_stay_several(saml: SamlSignIn) -> None:
    attributes = (("groups", ("aws-dev",)), ("department", ("Payments", "Risk")))
    assert saml.arrives(attributes=attributes).attributes == {"department": ("Payments", "Risk")}


def test_a_transient_name_is_nobody(saml: SamlSignIn) -> None:
    assert saml.refusal_of(name_format=TRANSIENT) == "saml.transient-subject"
    assert saml.arrives(name_format=None).subject == "alice"


def test_a_name_qualified_for_another_service_is_refused(saml: SamlSignIn) -> None:
    assert saml.refusal_of(sp_qualifier="https://other.example.com") in ("saml.subject", "saml.unexpected")
    assert saml.arrives(sp_qualifier=saml.provider.us.entity_id).subject == "alice"


def test_a_cancelled_sign_in_is_told_kindly(saml: SamlSignIn) -> None:
    status = "urn:oasis:names:tc:SAML:2.0:status:"
    no = saml.draft(status=status + "Responder", substatus=status + "AuthnFailed")
    with pytest.raises(SignInRefused, match="cancelled") as caught:
        saml.post(saml.forge.signed(no, assertion=None))
    assert caught.value.reason == "saml.cancelled"
    theirs = saml.draft(status=status + "Responder", substatus=status + "NoAvailableIDP")
    assert saml.refusal(saml.forge.signed(theirs, assertion=None)) == "saml.provider-error"


def test_who_comes_back_after_ten_minutes_starts_again(saml: SamlSignIn) -> None:
    assert saml.refusal(saml.signed(), saml.now + timedelta(minutes=10, seconds=1)) == "saml.started-too-long-ago"


def test_two_signing_certificates_both_count_until_one_is_removed(
    begin_saml: Callable[..., SamlSignIn], saml_forge: SamlForge
) -> None:
    """1.3 row 32: keys roll over without a gap, and a removed certificate is removed at once."""
    coming = SamlForge()
    both = begin_saml(metadata=saml_forge.metadata((coming.certificate, saml_forge.certificate)))
    assert both.arrives().subject == "alice"
    assert both.arrives(both.signed(assertion=Signing(key=coming.key))).subject == "alice"
    only_new = begin_saml(metadata=saml_forge.metadata((coming.certificate,)))
    assert only_new.refusal(only_new.signed()) == "saml.signature"


def test_a_provider_that_signs_the_whole_response_may_leave_the_assertion_unsigned(
    begin_saml: Callable[..., SamlSignIn],
) -> None:
    saml = begin_saml(response_signed=True)
    assert saml.arrives(saml.signed(assertion=None, response=Signing())).subject == "alice"
    assert saml.arrives(saml.signed(assertion=Signing(), response=Signing())).subject == "alice"
    assert saml.refusal(saml.signed(assertion=Signing())) == "saml.unsigned"


def test_a_provider_whose_answers_live_for_an_hour_needs_the_operators_word(
    begin_saml: Callable[..., SamlSignIn],
) -> None:
    hour = timedelta(hours=1)
    saml = begin_saml()
    long = {"confirmed_until": saml.now + hour, "not_on_or_after": saml.now + hour}
    assert saml.refusal_of(**long) == "saml.validity-too-long"
    assert begin_saml(max_validity_minutes=60).arrives(**long).subject == "alice"


def test_the_signature_methods_of_these_tests_are_what_they_say() -> None:
    assert RSA_SHA256.endswith("rsa-sha256")
    assert PERSISTENT.endswith("persistent")
