"""The documents are applied with plain boto3, and the gateway's own calls come in through them; nothing less does."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.awsside.account import describe
from app.awsside.cloudformation import as_cloudformation
from app.awsside.documents import Document, Gateway
from app.awsside.permissions import permissions
from app.awsside.plain import as_json
from app.awsside.trust import trust_policy
from app.core.roles import Method, Role
from app.core.sign_in_tags import is_tagged
from tests.awsside.story import (
    ACCOUNTS,
    DEVELOPMENT,
    FEDGATE,
    PARTNER,
    PRODUCTION,
    SIGN_INS,
    Administrator,
    GatewayCalls,
    a_role,
    catalog,
)

ALL = catalog(*SIGN_INS)
BY_NAME = pytest.mark.parametrize("role", SIGN_INS, ids=[role.label for role in SIGN_INS])


def apply(admin: Administrator, described: Gateway, form: str) -> None:
    for account in (DEVELOPMENT, PRODUCTION, PARTNER):
        side = describe(ALL, account, described)
        assert side.problems == ()
        if form == "json":
            admin.apply_json(as_json(side))
        else:
            admin.apply_cloudformation(account, as_cloudformation(side))


@pytest.mark.parametrize("form", ["json", "cloudformation"])
def test_what_is_generated_lets_everybody_in_by_every_method(
    admin: Administrator, gateway: GatewayCalls, form: str
) -> None:
    apply(admin, gateway.signer.described(), form)
    for role in SIGN_INS:
        answer = gateway.sign_in(role)
        assert answer["SourceIdentity"] == "alice", role.label
        assert answer["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/{role.arn.name}/alice")


def without_one_action(document: Document) -> Iterator[tuple[str, Document]]:
    """The policy as often as it has statements and actions, each time with one of them gone."""
    for number, statement in enumerate(statements(document)):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            less = copy.deepcopy(document)
            rest = [other for other in actions if other != action]
            if rest:
                statements(less)[number]["Action"] = rest
            else:
                # A policy needs a statement; one that denies nothing real stands where it was.
                statements(less)[number].update({"Effect": "Deny", "Action": "sts:DecodeAuthorizationMessage"})
            yield action, less


def statements(document: Document) -> list[dict[str, Any]]:
    found = document["Statement"]
    assert isinstance(found, list)
    return found


@BY_NAME
def test_no_action_of_a_trust_policy_can_be_spared(admin: Administrator, gateway: GatewayCalls, role: Role) -> None:
    described = gateway.signer.described()
    apply(admin, described, "json")
    trust = trust_policy(role, next(a for a in ACCOUNTS if a.id == role.arn.account), described)
    iam, tried = admin.iam(role.arn.account), []
    for action, less in without_one_action(trust):
        iam.update_assume_role_policy(RoleName=role.arn.name, PolicyDocument=json.dumps(less))
        with pytest.raises(ClientError, match="AccessDenied"):
            gateway.sign_in(role)
        tried.append(action)
    assert len(tried) == (3 if is_tagged(role) else 2)
    iam.update_assume_role_policy(RoleName=role.arn.name, PolicyDocument=json.dumps(trust))
    assert gateway.sign_in(role)


def test_no_action_of_the_gateways_own_policy_can_be_spared(admin: Administrator, gateway: GatewayCalls) -> None:
    described = gateway.signer.described(reads_roles=True)
    apply(admin, described, "json")
    assumed = [role for role in SIGN_INS if role.provider_arn is None]
    own = a_role("Own", assumed[0].method, DEVELOPMENT)
    view = catalog(*SIGN_INS, own)
    admin.apply_json(as_json(describe(view, DEVELOPMENT, described, own.arn)))
    document = permissions(FEDGATE, view, list(view.roles.values()), described)
    assert document is not None
    iam, tried = admin.iam(DEVELOPMENT), []

    def works() -> None:
        for role in assumed:
            gateway.sign_in(role)
        admin.client("iam", gateway.key).get_role(RoleName="Own")

    for action, less in without_one_action(document):
        put(iam, less)
        with pytest.raises(ClientError, match="AccessDenied"):
            works()
        tried.append(action)
    assert sorted(set(tried)) == ["iam:GetRole", "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    put(iam, document)
    works()


def put(iam: Any, document: Document) -> None:
    iam.put_user_policy(UserName="fedgate", PolicyName="roles-of-the-catalog", PolicyDocument=json.dumps(document))


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("Assume", {"SourceIdentity": None}),
        ("AssumeTags", {"SourceIdentity": None}),
        ("Partner", {"ExternalId": None}),
        ("Partner", {"ExternalId": "somebody-elses"}),
        ("Assume", {"Tags": [{"Key": "Team", "Value": "payments"}]}),
    ],
)
def test_a_signed_call_that_says_less_or_more_stays_outside(
    admin: Administrator, gateway: GatewayCalls, name: str, changed: dict[str, Any]
) -> None:
    apply(admin, gateway.signer.described(), "json")
    role = next(role for role in SIGN_INS if role.label == name)
    with pytest.raises(ClientError, match="AccessDenied"):
        gateway.sign_in(role, **changed)


def test_a_role_that_asks_for_the_second_factor_does_not_open_for_a_key_alone(
    admin: Administrator, gateway: GatewayCalls
) -> None:
    role = a_role("Careful", Method.ASSUME_ROLE, mfa_serial=f"arn:aws:iam::{DEVELOPMENT}:mfa/fedgate")
    view = catalog(role)
    for account in (DEVELOPMENT, PRODUCTION):
        admin.apply_json(as_json(describe(view, account, gateway.signer.described())))
    with pytest.raises(ClientError, match="AccessDenied"):
        gateway.sign_in(role)


def test_another_principal_of_the_account_stays_outside(admin: Administrator, gateway: GatewayCalls) -> None:
    apply(admin, gateway.signer.described(), "json")
    iam = admin.iam(DEVELOPMENT)
    iam.create_user(UserName="mallory")
    may = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}
    iam.put_user_policy(UserName="mallory", PolicyName="may", PolicyDocument=json.dumps(may))
    made = iam.create_access_key(UserName="mallory")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    mallory = GatewayCalls(admin, gateway.signer, keys)
    for role in SIGN_INS:
        if role.provider_arn is None:
            with pytest.raises(ClientError, match="AccessDenied"):
                mallory.sign_in(role)


@BY_NAME
def test_one_role_can_be_added_to_an_account_that_has_its_provider(
    admin: Administrator, gateway: GatewayCalls, role: Role
) -> None:
    described = gateway.signer.described()
    others = catalog(*(other for other in SIGN_INS if other is not role))
    for account in (DEVELOPMENT, PRODUCTION, PARTNER):
        admin.apply_json(as_json(describe(others, account, described)))
    with pytest.raises(ClientError):
        gateway.sign_in(role)
    admin.apply_json(as_json(describe(ALL, role.arn.account, described, role.arn)))
    admin.apply_json(as_json(describe(ALL, DEVELOPMENT, described)))
    assert gateway.sign_in(role)
