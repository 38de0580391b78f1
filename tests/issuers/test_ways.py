"""Every method against the strict local AWS: what it gives, for how long, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.proof import Proof
from app.core.roles import Assertion, Method, Partition, ProviderArn
from app.errors import AwsRefused, SignInRequired
from app.issuers.assume_role import AssumeRoleIssuer
from app.issuers.order import Issued
from app.providers.registry import build_registry
from app.providers.saml.provider import SamlProvider
from app.providers.settings import SamlSettings
from tests.core.people import NOW
from tests.issuers.ways import BROKER, GATEWAY_OIDC, HOST, POLICY, Ways, a_way, an_order, left, now
from tests.local.aws.bench import ATTRIBUTES, OIDC_PROVIDER, PRODUCTION, SAML_PROVIDER, document
from tests.local.aws.pools import BACKEND, Pool, new_pool

ROLES = (Method.SAML, Method.WEB_IDENTITY, Method.ASSUME_ROLE)


@pytest.mark.parametrize("method", ROLES)
@pytest.mark.parametrize(("wanted", "given"), [(900, 900), (7_200, 7_200), (43_200, 7_200), (7_201, 7_200)])
def test_a_session_is_as_long_as_aws_gives_and_what_was_learnt_is_told(
    ways: Ways, method: Method, wanted: int, given: int
) -> None:
    arn = ways.role(method, "App", 7_200)
    issued = ways.issue(a_way(method, arn), seconds=wanted)
    assert ways.caller(issued) == issued.credentials.assumed_role_arn
    assert "assumed-role/App/alice@example.test-" in issued.credentials.assumed_role_arn
    assert given - 60 < left(issued) <= given
    assert issued.learnt == (given if given < wanted else None)


@pytest.mark.parametrize("method", ROLES)
def test_tags_and_policies_arrive_and_their_packed_size_is_told(ways: Ways, method: Method) -> None:
    arn = ways.role(method, "App", 43_200, StringEquals={"aws:RequestTag/Team": "payments"})
    role = a_way(method, arn, tags={"Team": "payments"}, transitive_tags=("Team",), policy=POLICY)
    issued = ways.issue(role)
    assert issued.packed_percent is not None
    assert issued.packed_percent > 0
    with pytest.raises(AwsRefused) as told:
        ways.issue(a_way(method, arn, tags={"Team": "others"}))
    assert told.value.reason.startswith("aws.AccessDenied ")


def test_an_external_id_opens_what_asks_for_it_and_nothing_else_does(ways: Ways) -> None:
    arn = ways.role(Method.ASSUME_ROLE, "Theirs", 43_200, StringEquals={"sts:ExternalId": "fedgate-4711"})
    role = a_way(Method.ASSUME_ROLE, arn)
    assert ways.issue(role, external_id="fedgate-4711")
    for wrong in ("fedgate-4712", ""):
        with pytest.raises(AwsRefused):
            ways.issue(role, external_id=wrong)


def test_a_role_that_asks_for_a_second_factor_gets_the_code_and_each_works_once(ways: Ways) -> None:
    arn = ways.role(Method.ASSUME_ROLE, "Careful", 43_200, Bool={"aws:MultiFactorAuthPresent": "true"})
    role = a_way(Method.ASSUME_ROLE, arn, mfa_serial=ways.phone.serial)
    code = ways.code()
    assert ways.issue(role, mfa_code=code)
    with pytest.raises(AwsRefused, match="wait for the next one"):
        ways.issue(role, mfa_code=code)


def test_a_length_that_was_refused_with_one_persons_code_shortens_nobody_elses_session(ways: Ways) -> None:
    """AWS refuses a bad tag in the words of a bad length; remembered for all, everybody would get an hour for ever."""
    arn = ways.role(Method.ASSUME_ROLE, "Careful", 43_200, Bool={"aws:MultiFactorAuthPresent": "true"})
    role = a_way(Method.ASSUME_ROLE, arn, mfa_serial=ways.phone.serial)
    issuer = ways.issuers()[Method.ASSUME_ROLE]
    assert isinstance(issuer, AssumeRoleIssuer)
    issuer.sessions.refused_with_code[role.arn, "p-of-bob"] = issuer.sessions.aws.until()
    issued = issuer.issue(an_order(role, mfa_code=ways.code()))
    assert (issued.learnt, left(issued) > 43_140) == (None, True)


def test_a_federation_token_carries_the_person_and_no_more_than_the_policy(ways: Ways) -> None:
    only_look = document(
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity", "s3:ListAllMyBuckets"], "Resource": "*"}
    )
    issued = ways.issue(a_way(Method.FEDERATION_TOKEN, BROKER, policy=only_look, tags={"Team": "payments"}))
    name = ways.caller(issued).rpartition("/")[2]
    assert ways.caller(issued) == f"arn:aws:sts::{PRODUCTION}:federated-user/{name}"
    assert name.startswith("alice@example.t")
    assert len(name) <= 32
    assert 43_140 < left(issued) <= 43_200
    assert issued.packed_percent is not None


def test_a_federation_token_without_a_policy_is_not_even_asked_for(ways: Ways) -> None:
    ways.bench.aws.calls.clear()
    with pytest.raises(AwsRefused, match="no policy"):
        ways.issue(a_way(Method.FEDERATION_TOKEN, BROKER))
    assert [call["action"] for call in ways.bench.aws.calls.entries() if call["action"] == "GetFederationToken"] == []


def test_a_session_token_is_the_user_after_a_code(ways: Ways) -> None:
    role = a_way(Method.SESSION_TOKEN, BROKER, mfa_serial=ways.phone.serial)
    issued = ways.issue(role, mfa_code=ways.code())
    assert ways.caller(issued) == issued.credentials.assumed_role_arn == BROKER
    with pytest.raises(AwsRefused, match="did not take this code"):
        ways.issue(role, mfa_code="000000")


@pytest.mark.parametrize("method", [Method.FEDERATION_TOKEN, Method.SESSION_TOKEN])
def test_a_user_that_is_not_the_gateways_own_is_not_lent(ways: Ways, method: Method) -> None:
    other = a_way(method, f"arn:aws:iam::{PRODUCTION}:user/somebody", policy=POLICY, mfa_serial=ways.phone.serial)
    with pytest.raises(AwsRefused, match="names the user somebody"):
        ways.issue(other, mfa_code=ways.code())


@pytest.fixture
def pool(ways: Ways) -> Pool:
    return new_pool(ways.bench, OpenIdConnectProviderARNs=[GATEWAY_OIDC])


@pytest.mark.parametrize("login", ["", BACKEND])
def test_a_pool_gives_the_granted_role_for_an_hour(ways: Ways, pool: Pool, login: str) -> None:
    arn = pool.role("Reader")
    pool.admin.set_identity_pool_roles(IdentityPoolId=pool.id, Roles={"authenticated": arn})
    role = a_way(Method.COGNITO, arn, identity_pool=pool.id, pool_login=login, max_seconds=3_600)
    first, second = ways.issue(role), ways.issue(role)
    assert ways.caller(first) == first.credentials.assumed_role_arn
    assert first.credentials.assumed_role_arn.endswith("assumed-role/Reader/CognitoIdentityCredentials")
    assert 3_540 < left(second) <= 3_600


def test_a_pool_that_gives_another_role_than_was_granted_gives_nothing(ways: Ways, pool: Pool) -> None:
    granted, other = pool.role("Reader"), pool.role("Owner")
    pool.admin.set_identity_pool_roles(IdentityPoolId=pool.id, Roles={"authenticated": other})
    with pytest.raises(AwsRefused) as told:
        ways.issue(a_way(Method.COGNITO, granted, identity_pool=pool.id, max_seconds=3_600))
    assert told.value.reason == "cognito.other-role"


def test_a_rule_of_the_pool_can_choose_by_the_role_in_the_token(ways: Ways, pool: Pool) -> None:
    reader, writer = pool.role("Reader"), pool.role("Writer")
    rules = [{"Claim": "role", "MatchType": "Equals", "Value": arn, "RoleARN": arn} for arn in (reader, writer)]
    mapping: dict[str, Any] = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": rules},
    }
    pool.admin.set_identity_pool_roles(
        IdentityPoolId=pool.id, Roles={"authenticated": reader}, RoleMappings={HOST: mapping}
    )
    for arn in (reader, writer):
        issued = ways.issue(a_way(Method.COGNITO, arn, identity_pool=pool.id, max_seconds=3_600))
        assert f":assumed-role/{arn.rpartition('/')[2]}/" in ways.caller(issued)


def passed(ways: Ways, method: Method, proof: Proof | None, **more: Any) -> Issued:
    """The role `Company`, which trusts the company's own provider."""
    if method is Method.SAML:
        arn, provider = ways.bench.saml_role("Company"), SAML_PROVIDER
    else:
        arn, provider = ways.bench.oidc_role("Company"), OIDC_PROVIDER
    given: dict[str, Any] = {"assertion": Assertion.PASSTHROUGH, "unenforced": True}
    role = a_way(method, arn, provider_arn=ProviderArn(provider), **(given | more))
    return ways.issue(role, proof=proof)


def statement(ways: Ways, method: Method, seconds: int = 300) -> Proof:
    role = f"arn:aws:iam::{PRODUCTION}:role/Company"
    text = ways.bench.assertion(role) if method is Method.SAML else ways.bench.oidc.token(ways.bench.now())
    end = now().timestamp() + seconds
    return Proof(method, text, now().fromtimestamp(end, now().tzinfo))


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_the_companys_own_statement_is_shown_to_aws_as_it_came(ways: Ways, method: Method) -> None:
    issued = passed(ways, method, statement(ways, method))
    assert ":assumed-role/Company/alice" in ways.caller(issued)


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_a_statement_that_is_gone_too_old_or_of_the_other_kind_asks_for_a_new_sign_in(
    ways: Ways, method: Method
) -> None:
    other = Method.WEB_IDENTITY if method is Method.SAML else Method.SAML
    statements = (None, statement(ways, method, seconds=-1), statement(ways, other))
    for number, proof in enumerate(statements):
        with pytest.raises(SignInRequired, match="Sign in again") as told:
            passed_once(ways, method, proof, number)
        assert told.value.reason == ("passthrough.expired" if proof else "passthrough.none")


def passed_once(ways: Ways, method: Method, proof: Proof | None, number: int) -> Issued:
    arn = f"arn:aws:iam::{PRODUCTION}:role/Company{number}"
    provider = SAML_PROVIDER if method is Method.SAML else OIDC_PROVIDER
    more: dict[str, Any] = {"assertion": Assertion.PASSTHROUGH, "unenforced": True}
    return ways.issue(a_way(method, arn, provider_arn=ProviderArn(provider), **more), proof=proof)


def test_nothing_is_passed_through_that_nobody_has_accepted(ways: Ways) -> None:
    ways.bench.aws.calls.clear()
    with pytest.raises(AwsRefused, match="Nobody has accepted"):
        passed(ways, Method.SAML, statement(ways, Method.SAML), unenforced=False)


def test_a_statement_is_in_no_repr() -> None:
    proof = Proof(Method.SAML, "PHNhbWxwOlJlc3BvbnNl", NOW)
    assert "PHNh" not in repr(proof)


def test_a_length_that_aws_refuses_costs_one_code_and_no_more(ways: Ways) -> None:
    arn = ways.role(Method.ASSUME_ROLE, "Careful", 7_200, Bool={"aws:MultiFactorAuthPresent": "true"})
    role = a_way(Method.ASSUME_ROLE, arn, mfa_serial=ways.phone.serial)
    issuer = ways.issuers()[Method.ASSUME_ROLE]
    with pytest.raises(AwsRefused, match="wait for the next one"):
        issuer.issue(an_order(role, mfa_code=ways.code()))
    ways.bench.aws.turn(clock_offset_seconds=60)
    issued = issuer.issue(an_order(role, mfa_code=ways.code()))
    assert issued.learnt == 3_600


def test_alices_own_assertion_goes_from_her_sign_in_to_aws(ways: Ways) -> None:
    """What her provider sent to us, word for word, is a session of hers at AWS."""
    forge, arn = ways.bench.saml, ways.bench.saml_role("Company")
    settings = SamlSettings("corp", "Corp", forge.metadata(), passthrough=Partition.AWS)
    provider = build_registry([settings], "https://aws.example.com").get("corp")
    assert isinstance(provider, SamlProvider)
    departure = provider.depart("state-key", now())
    draft = ways.bench.draft(
        request_id=departure.kept["request_id"],
        confirmed_request_id=departure.kept["request_id"],
        attributes=(
            ("groups", ("Developers",)),
            (f"{ATTRIBUTES}Role", (f"{arn},{SAML_PROVIDER}",)),
            (f"{ATTRIBUTES}RoleSessionName", ("alice",)),
        ),
    )
    arrival = provider.arrive(forge.encode(forge.signed(draft)), departure.kept, now())
    role = a_way(
        Method.SAML, arn, provider_arn=ProviderArn(SAML_PROVIDER), assertion=Assertion.PASSTHROUGH, unenforced=True
    )
    assert ways.caller(ways.issue(role, proof=arrival.proof)).endswith(":assumed-role/Company/alice")
