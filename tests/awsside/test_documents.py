"""What the documents say for each method, without an AWS; and that `deploy/iam` says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.awsside.account import describe
from app.awsside.documents import Document, Gateway, NotDescribed
from app.awsside.permissions import permissions
from app.awsside.services import TOKEN_AUDIENCE, saml_recipients
from app.awsside.trust import trust_policy
from app.core.audiences import AWS_SIGN_IN
from app.core.roles import (
    Account,
    AccountId,
    Assertion,
    Base,
    Method,
    Partition,
    ProviderArn,
    Role,
    RoleArn,
    UserArn,
)
from app.minting import oidc_tokens
from tests.awsside.story import ACCOUNTS, FEDGATE, ISSUER, OIDC, PRODUCTION, SAML, TAGS, a_role, catalog

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "iam"
HERE = ACCOUNTS[1]
COMPANY = ProviderArn(f"arn:aws:iam::{PRODUCTION}:oidc-provider/example.okta.com")
GATEWAY = Gateway(ISSUER, FEDGATE, clients={"https://example.okta.com": "0oaexample"})
POOL = "eu-west-1:11111111-2222-3333-4444-555555555555"


def only_statement(document: Document) -> dict[str, Any]:
    found = document["Statement"]
    assert isinstance(found, list)
    assert len(found) == 1
    return dict(found[0])


def trusted(role: Role, account: Account = HERE, gateway: Gateway = GATEWAY) -> dict[str, Any]:
    return only_statement(trust_policy(role, account, gateway))


def test_saml_names_the_sign_in_service_and_its_regions_of_this_role() -> None:
    statement = trusted(a_role("Saml", Method.SAML, provider_arn=SAML))
    assert statement["Action"] == ["sts:AssumeRoleWithSAML", "sts:SetSourceIdentity"]
    assert statement["Condition"]["StringEquals"]["saml:aud"] == [
        "https://signin.aws.amazon.com/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://eu-central-1.signin.aws.amazon.com/saml",
    ]


@pytest.mark.parametrize("asks", [{"require_mfa": True}, {"fresh_minutes": 15}])
def test_a_role_that_asks_for_a_stronger_sign_in_takes_the_tag_that_tells_of_it(asks: dict[str, Any]) -> None:
    for role in (
        a_role("Saml", Method.SAML, provider_arn=SAML, **asks),
        a_role("Token", Method.WEB_IDENTITY, provider_arn=OIDC, **asks),
        a_role("Assume", Method.ASSUME_ROLE, **asks),
    ):
        assert "sts:TagSession" in trusted(role)["Action"]
    document = permissions(
        FEDGATE,
        catalog(a_role("Assume", Method.ASSUME_ROLE, **asks)),
        [a_role("Assume", Method.ASSUME_ROLE, **asks)],
        GATEWAY,
    )
    assert document is not None
    assert "sts:TagSession" in only_statement(document)["Action"]
    passed = a_role("Passed", Method.SAML, provider_arn=SAML, assertion=Assertion.PASSTHROUGH, **asks)
    assert "sts:TagSession" not in trusted(passed)["Action"]


@pytest.mark.parametrize("partition", list(Partition))
def test_what_the_gateway_signs_is_for_those_whom_the_documents_name(partition: Partition) -> None:
    assert TOKEN_AUDIENCE == oidc_tokens.AUDIENCE
    assert saml_recipients(partition, []) == (AWS_SIGN_IN[partition].recipient,)


def test_the_companys_own_statement_is_asked_for_nothing_that_only_ours_would_carry() -> None:
    passed: dict[str, Any] = {"assertion": Assertion.PASSTHROUGH, "unenforced": True}
    saml = trusted(a_role("Saml", Method.SAML, provider_arn=SAML, **passed))
    assert saml["Action"] == "sts:AssumeRoleWithSAML"
    assert list(saml["Condition"]) == ["StringEquals"]
    token = trusted(a_role("Token", Method.WEB_IDENTITY, provider_arn=COMPANY, **passed))
    assert token["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert token["Condition"] == {"StringEquals": {"example.okta.com:aud": "0oaexample"}}


def test_passing_the_companys_statement_on_is_never_without_a_warning() -> None:
    roles = [
        a_role("Saml", Method.SAML, provider_arn=SAML, assertion=Assertion.PASSTHROUGH),
        a_role("Token", Method.WEB_IDENTITY, provider_arn=COMPANY, assertion=Assertion.PASSTHROUGH),
    ]
    side = describe(catalog(*roles), PRODUCTION, GATEWAY)
    assert all("everybody who can get one may take this role" in role.notes[0] for role in side.roles)
    assert side.saml == ()
    assert [provider.client_ids for provider in side.oidc] == [("0oaexample",)]


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        (Partition.AWS, "eu-west-1", "cognito-identity.amazonaws.com"),
        (Partition.US_GOV, "us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
        (Partition.CHINA, "cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_an_identity_pool_is_trusted_for_its_own_people_only(partition: Partition, region: str, host: str) -> None:
    pool = f"{region}:11111111-2222-3333-4444-555555555555"
    arn = RoleArn(f"arn:{partition}:iam::{PRODUCTION}:role/Pool")
    statement = trusted(Role(arn, "Pool", Method.COGNITO, identity_pool=pool))
    assert statement["Principal"] == {"Federated": host}
    assert statement["Condition"] == {
        "StringEquals": {f"{host}:aud": pool},
        "ForAnyValue:StringLike": {f"{host}:amr": "authenticated"},
    }


def test_the_gateway_may_speak_for_people_of_its_identity_pools_only() -> None:
    role = a_role("Pool", Method.COGNITO, identity_pool=POOL, pool_login="login.example.com")
    document = permissions(FEDGATE, catalog(role), [role], GATEWAY)
    assert document is not None
    assert (
        only_statement(document)["Resource"] == f"arn:aws:cognito-identity:eu-west-1:{PRODUCTION}:identitypool/{POOL}"
    )
    without = a_role("Pool", Method.COGNITO, identity_pool=POOL)
    assert permissions(FEDGATE, catalog(without), [without], GATEWAY) is None
    assert [p.url for p in describe(catalog(without), PRODUCTION, GATEWAY).oidc] == [ISSUER]


@pytest.mark.parametrize(
    ("tags", "actions"), [({}, "sts:GetFederationToken"), (TAGS, ["sts:GetFederationToken", "sts:TagSession"])]
)
def test_a_broker_user_may_make_sessions_in_its_own_account(tags: dict[str, str], actions: object) -> None:
    user = UserArn(f"arn:aws:iam::{PRODUCTION}:user/broker")
    role = Role(user, "Broker", Method.FEDERATION_TOKEN, tags=tags)
    side = describe(catalog(role), PRODUCTION, GATEWAY)
    assert (side.roles, [policy.principal for policy in side.policies]) == ((), [user])
    statement = only_statement(side.policies[0].document)
    assert (statement["Action"], statement["Resource"]) == (actions, f"arn:aws:sts::{PRODUCTION}:federated-user/*")


def test_the_key_of_a_user_with_a_second_factor_is_made_worthless_without_it() -> None:
    user = UserArn(f"arn:aws:iam::{PRODUCTION}:user/night")
    role = Role(user, "Night shift", Method.SESSION_TOKEN, mfa_serial=f"arn:aws:iam::{PRODUCTION}:mfa/night")
    statement = only_statement(describe(catalog(role), PRODUCTION, GATEWAY).policies[0].document)
    assert (statement["Effect"], statement["NotAction"]) == ("Deny", "sts:GetSessionToken")
    plain = Role(user, "Night shift", Method.SESSION_TOKEN)
    assert describe(catalog(plain), PRODUCTION, GATEWAY).policies == ()


def test_a_base_role_is_trusted_and_is_the_one_that_the_roles_trust() -> None:
    base = RoleArn(f"arn:aws:iam::{PRODUCTION}:role/FedgateBase")
    for provider, action in ((None, "sts:AssumeRole"), (OIDC, "sts:AssumeRoleWithWebIdentity")):
        account = Account(PRODUCTION, "Production", base=Base(role=base, provider_arn=provider))
        role = a_role("ReadOnly", Method.ASSUME_ROLE)
        view = catalog(role, accounts=(account,))
        side = describe(view, PRODUCTION, GATEWAY)
        trusts = {made.arn: only_statement(made.trust) for made in side.roles}
        assert trusts[role.arn]["Principal"] == {"AWS": base}
        assert trusts[base]["Action"] == action
        assert [policy.principal for policy in side.policies] == [base]
        own = permissions(FEDGATE, view, [role], GATEWAY)
        assert (own is None) is (provider is not None)


def test_what_only_an_operator_knows_is_asked_for_by_name() -> None:
    partner = a_role("Partner", Method.ASSUME_ROLE, ACCOUNTS[2].id)
    with pytest.raises(NotDescribed, match="--external-id"):
        trust_policy(partner, ACCOUNTS[2], GATEWAY)
    with pytest.raises(NotDescribed, match="--principal"):
        trust_policy(a_role("ReadOnly", Method.ASSUME_ROLE), HERE, Gateway(ISSUER))
    with pytest.raises(NotDescribed, match=r"this names example\.okta\.com"):
        trust_policy(a_role("Token", Method.WEB_IDENTITY, provider_arn=COMPANY), HERE, GATEWAY)
    with pytest.raises(NotDescribed, match=r"no \[\[account\]\] with id 333333333333"):
        describe(catalog(), AccountId("333333333333"), GATEWAY)


def test_a_role_that_cannot_be_described_does_not_hide_the_others() -> None:
    roles = [
        a_role("Saml", Method.SAML, provider_arn=SAML),
        a_role("Token", Method.WEB_IDENTITY, provider_arn=COMPANY),
    ]
    side = describe(catalog(*roles), PRODUCTION, GATEWAY)
    assert [role.arn.name for role in side.roles] == ["Saml"]
    assert len(side.problems) == 1
    assert side.oidc == ()


EXAMPLES = {
    "saml/trust-policy.json": a_role("UpdateApp", Method.SAML, provider_arn=SAML, tags=TAGS),
    "web_identity/trust-policy.json": a_role(
        "Developer",
        Method.WEB_IDENTITY,
        provider_arn=ProviderArn(f"arn:aws:iam::{PRODUCTION}:oidc-provider/id.example.com"),
        tags=TAGS,
    ),
    "assume_role/trust-policy.json": a_role("ReadOnly", Method.ASSUME_ROLE, tags=TAGS),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_for_operators_are_what_is_generated_for_roles_with_tags(name: str) -> None:
    described = Gateway("https://id.example.com", FEDGATE)
    generated = trust_policy(EXAMPLES[name], Account(PRODUCTION, "Production"), described)
    assert json.loads((DEPLOYED / name).read_text("utf-8")) == generated


def test_so_is_the_gateways_own_policy() -> None:
    role = EXAMPLES["assume_role/trust-policy.json"]
    generated = permissions(FEDGATE, catalog(role), [role], Gateway("https://id.example.com", FEDGATE))
    assert json.loads((DEPLOYED / "assume_role" / "gateway-policy.json").read_text("utf-8")) == generated


def test_whose_key_a_profile_holds_is_a_question_and_no_statement() -> None:
    """Otherwise an account would let the gateway's usual principal in, and not the one that asks there."""
    role = a_role("Signed", Method.ASSUME_ROLE)
    with_profile = replace(HERE, base=Base(profile="payments"))
    view = catalog(role)
    notes = describe(replace(view, accounts={**view.accounts, PRODUCTION: with_profile}), PRODUCTION, GATEWAY).notes
    assert any("the AWS profile payments" in note and "--principal ARN" in note for note in notes)
    assert not any("profile" in note for note in describe(view, PRODUCTION, GATEWAY).notes)


def test_what_one_account_must_be_told_is_not_weighed_for_every_other() -> None:
    """With a role of the gateway's own in each of two hundred accounts, a page of one took seconds."""

    class Counting(dict[AccountId, Account]):
        asked = 0

        def __getitem__(self, number: AccountId) -> Account:
            Counting.asked += 1
            return super().__getitem__(number)

    numbers = [AccountId(f"1000000000{one}") for one in range(10, 50)]
    accounts = [Account(n, n, base=Base(role=RoleArn(f"arn:aws:iam::{n}:role/Base"))) for n in numbers]
    roles = [a_role("Assume", Method.ASSUME_ROLE, n) for n in numbers]
    whole = replace(catalog(), accounts=Counting((one.id, one) for one in accounts), roles={r.arn: r for r in roles})
    side = describe(whole, numbers[0], GATEWAY)
    assert [policy.principal for policy in side.policies] == [accounts[0].base.role]
    assert f"What {FEDGATE} needs is in the documents of the account {FEDGATE.account}." in side.notes
    assert Counting.asked < 20 * len(numbers)
