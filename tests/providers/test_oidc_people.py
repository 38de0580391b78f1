"""Bob arrives by OpenID Connect, and is who his provider says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.core.needs import Needs
from app.errors import GroupsUnknown, SignInRefused
from tests.forges.oidc import LEAVE_OUT, OidcForge
from tests.providers.conftest import OidcSignIn


def test_bob_arrives_with_his_groups(oidc: OidcSignIn) -> None:
    bob = oidc.arrives()
    assert (bob.provider, bob.subject, bob.name, bob.email) == ("okta", "248289761001", "bob", "bob@example.com")
    assert bob.groups == {"aws-dev", "everyone"}
    assert bob.verified_at == oidc.now
    assert oidc.now - bob.authenticated_at < timedelta(seconds=10)
    assert bob.mfa is False


def test_he_leaves_with_state_nonce_and_an_s256_challenge(oidc: OidcSignIn) -> None:
    asked = parse_qs(urlsplit(oidc.departure.url).query)
    assert asked["response_type"] == ["code"]
    assert asked["state"] == ["state-key"]
    assert asked["nonce"] == [oidc.departure.kept["nonce"]]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["https://aws.example.com/signin/okta/callback"]
    assert asked["scope"] == ["openid profile email"]
    assert oidc.departure.kept["code_verifier"] not in oidc.departure.url
    assert len(oidc.departure.kept["code_verifier"]) >= 43  # RFC 7636, 4.1


def test_two_departures_share_nothing_secret(oidc: OidcSignIn) -> None:
    other = oidc.again().departure.kept
    assert other["nonce"] != oidc.departure.kept["nonce"]
    assert other["code_verifier"] != oidc.departure.kept["code_verifier"]
    assert oidc.departure.kept["code_verifier"] not in repr(oidc.departure)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256"])
def test_idtoken_sig_rs(oidc: OidcSignIn, algorithm: str) -> None:
    oidc.op.twist.header["alg"] = algorithm
    oidc.op.twist.claims["at_hash"] = LEAVE_OUT
    assert oidc.arrives().name == "bob"


@pytest.mark.parametrize(
    ("algorithm", "curve"), [("ES256", ec.SECP256R1()), ("ES384", ec.SECP384R1()), ("ES512", ec.SECP521R1())]
)
def test_idtoken_sig_es(oidc: OidcSignIn, algorithm: str, curve: ec.EllipticCurve) -> None:
    oidc.op.keys["e1"] = ec.generate_private_key(curve)
    oidc.op.twist.header.update(alg=algorithm, kid="e1")
    oidc.op.twist.claims["at_hash"] = LEAVE_OUT
    assert oidc.arrives().name == "bob"


def test_client_secret_basic_is_used_where_it_can_be(oidc: OidcSignIn) -> None:
    oidc.op.twist.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post", "client_secret_basic"]
    assert oidc.again().arrives().name == "bob"


def test_client_secret_post_is_used_where_it_must_be(begin_oidc: Callable[..., OidcSignIn], op: OidcForge) -> None:
    op.twist.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert begin_oidc().arrives().name == "bob"


def test_a_provider_that_does_not_say_when_it_saw_him_is_not_taken_to_have_seen_him_now(oidc: OidcSignIn) -> None:
    """With the token's own date, a silent sign-on with a session of this morning was a fresh sign-in."""
    oidc.op.twist.claims.update(auth_time=LEAVE_OUT)
    bob = oidc.arrives()
    assert not bob.says_when
    assert Needs(max_age=timedelta(hours=24)).missing(bob, oidc.now)


def test_a_method_that_the_operator_counts_is_mfa(oidc: OidcSignIn) -> None:
    oidc.op.person["amr"] = ["pwd", "hwk"]
    assert oidc.arrives().mfa is True


@pytest.mark.parametrize("methods", ["hwk", [["hwk"]], {"hwk": True}, 7])
def test_methods_of_another_type_are_refused(oidc: OidcSignIn, methods: object) -> None:
    oidc.op.person["amr"] = methods
    assert oidc.refusal() == "oidc.amr"


def test_groups_in_the_token_are_enough_and_nothing_else_is_asked(oidc: OidcSignIn) -> None:
    oidc.arrives()
    assert oidc.op.hits["/userinfo"] == 0


def test_scope_userinfo_claims(oidc: OidcSignIn) -> None:
    del oidc.op.person["groups"]
    oidc.op.userinfo_claims = {"groups": ["from-userinfo"], "preferred_username": "not bob"}
    bob = oidc.arrives()
    assert bob.groups == {"from-userinfo"}
    assert bob.name == "bob"  # what is signed is not overruled
    assert oidc.op.hits["/userinfo"] == 1


def test_userinfo_invalid_sub(oidc: OidcSignIn) -> None:
    del oidc.op.person["groups"]
    for subject in ("mallory", LEAVE_OUT, ["248289761001"], None):
        oidc.op.twist.userinfo = {"sub": subject, "groups": ["aws-admins"]}
        assert oidc.again().refusal() == "oidc.userinfo-subject"


@pytest.fixture
def signing(oidc: OidcSignIn) -> OidcSignIn:
    """The provider signs what it says at userinfo, where the groups are."""
    del oidc.op.person["groups"]
    oidc.op.userinfo_claims, oidc.op.signs_userinfo = {"groups": ["from-userinfo"]}, True
    return oidc


def test_userinfo_signed(signing: OidcSignIn) -> None:
    assert signing.arrives().groups == {"from-userinfo"}


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "https://evil.example.com", "oidc.issuer"),
        ("iss", LEAVE_OUT, "oidc.issuer"),
        ("aud", "another", "oidc.audience"),
        ("aud", LEAVE_OUT, "oidc.audience"),
        ("sub", "mallory", "oidc.userinfo-subject"),
    ],
)
def test_userinfo_signed_for_another_or_of_another(signing: OidcSignIn, claim: str, value: object, reason: str) -> None:
    signing.op.twist.userinfo[claim] = value
    assert signing.refusal() == reason


def test_userinfo_signed_by_a_stranger(signing: OidcSignIn, strangers_key: rsa.RSAPrivateKey) -> None:
    signing.op.userinfo_key = strangers_key
    assert signing.refusal() == "oidc.signature"


def test_userinfo_cannot_say_how_he_was_authenticated(oidc: OidcSignIn) -> None:
    del oidc.op.person["groups"]
    oidc.op.userinfo_claims = {"groups": [], "amr": ["hwk"], "auth_time": 1}
    bob = oidc.arrives()
    assert bob.mfa is False
    assert bob.authenticated_at.year > 2000


def test_missing_groups_name_the_claim_that_was_expected(begin_oidc: Callable[..., OidcSignIn]) -> None:
    oidc = begin_oidc(groups_claim="realm_access.roles")
    with pytest.raises(GroupsUnknown) as caught:
        oidc.arrives()
    assert caught.value.reason == "oidc.groups-missing"
    assert "“realm_access.roles”" in caught.value.sentence
    assert "Okta" in caught.value.sentence


def test_no_groups_is_an_answer(oidc: OidcSignIn) -> None:
    oidc.op.person["groups"] = []
    assert oidc.arrives().groups == frozenset()


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["aws-dev"]}}),
        ("resource_access.gateway.roles", {"resource_access": {"gateway": {"roles": ["aws-dev"]}}}),
        ("https://example.com/claims.groups", {"https://example.com/claims": {"groups": ["aws-dev"]}}),
        ("https://example.com/groups", {"https://example.com/groups": ["aws-dev"]}),
        ("a.b", {"a.b": ["aws-dev"], "a": {"b": ["aws-admins"]}}),
    ],
)
def test_groups_are_found_at_their_path(
    begin_oidc: Callable[..., OidcSignIn], path: str, claims: dict[str, object]
) -> None:
    oidc = begin_oidc(groups_claim=path)
    oidc.op.person.update(claims)
    assert oidc.arrives().groups == {"aws-dev"}
    for name in claims:
        del oidc.op.person[name]


@pytest.mark.parametrize(
    "groups",
    ["aws-dev", "aws-dev,aws-admins", {"aws-dev": True}, ["aws-dev", 7], [["aws-dev"]], None, True, [None], [""]],
)
def test_groups_of_another_type_are_refused(oidc: OidcSignIn, groups: object) -> None:
    oidc.op.person["groups"] = groups
    assert oidc.refusal() == "oidc.groups-type"


@pytest.mark.parametrize("group", ["aws-dev ", "aws\u200b-dev", "aws-\u202edev", "g" * 257, "e\u0301", "a\x00b"])
def test_groups_that_are_not_what_they_look_like_are_refused(oidc: OidcSignIn, group: str) -> None:
    oidc.op.person["groups"] = [group]
    assert oidc.refusal() == "oidc.groups-type"


def test_a_thousand_groups_arrive_if_they_fit_and_one_more_does_not(oidc: OidcSignIn) -> None:
    oidc.op.person["groups"] = [f"g{n}" for n in range(1000)]
    assert len(oidc.arrives().groups) == 1000
    oidc.op.person["groups"].append("more")
    assert oidc.again().refusal() == "oidc.too-many-groups"


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "http://127.0.0.1:1/"}}},
        {"hasgroups": True},
    ],
)
def test_entras_overage_is_refused_and_its_pointer_never_followed(oidc: OidcSignIn, claims: dict[str, object]) -> None:
    """Also the conformance suite's -distributed-claims."""
    oidc.op.twist.claims = {"groups": LEAVE_OUT, **claims}
    with pytest.raises(GroupsUnknown) as caught:
        oidc.arrives()
    assert caught.value.reason == "oidc.groups-overage"
    assert oidc.op.hits["/userinfo"] == 0


def test_attributes_are_those_the_operator_asked_for(begin_oidc: Callable[..., OidcSignIn], op: OidcForge) -> None:
    op.person.update(department="Payments", teams=["a", "b"], secret="x", empty="")
    bob = begin_oidc(attributes=("department", "teams", "absent", "empty")).arrives()
    assert bob.attributes == {"department": ("Payments",), "teams": ("a", "b"), "empty": ()}


@pytest.mark.parametrize("value", [7, True, {"a": 1}, ["a", 7], "a\nb", ["a"] * 1001])
def test_an_attribute_of_another_type_is_refused(
    begin_oidc: Callable[..., OidcSignIn], op: OidcForge, value: object
) -> None:
    op.person["department"] = value
    assert begin_oidc(attributes=("department",)).refusal() == "oidc.text"


def test_a_missing_name_is_told_by_its_claim(oidc: OidcSignIn) -> None:
    oidc.op.twist.claims["preferred_username"] = LEAVE_OUT
    with pytest.raises(SignInRefused) as caught:
        oidc.arrives()
    assert caught.value.reason == "oidc.name-missing"
    assert "“preferred_username”" in caught.value.sentence


def test_who_comes_back_after_ten_minutes_starts_again(oidc: OidcSignIn) -> None:
    query = oidc.op.visit(oidc.departure.url)
    with pytest.raises(SignInRefused) as caught:
        oidc.provider.arrive(query, oidc.departure.kept, oidc.now + timedelta(minutes=10, seconds=1))
    assert caught.value.reason == "oidc.started-too-long-ago"
