"""CloudFormation is examined by cfn-lint. Terraform cannot be installed here: its JSON is held against the syntax's
rules and the provider's arguments, as its documentation lists them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint import api

from app.awsside.account import describe
from app.awsside.cloudformation import as_cloudformation
from app.awsside.documents import Gateway, NotDescribed
from app.awsside.naming import Names
from app.awsside.terraform import as_terraform
from app.core.decisions import CatalogView
from app.core.roles import Account, AccountId, Base, Method, Role, RoleArn, UserArn
from tests.awsside.story import ACCOUNTS, DEVELOPMENT, ISSUER, PARTNER, PRODUCTION, SIGN_INS, Signer, a_role, catalog

BASE = Account(PRODUCTION, "Production", base=Base(role=RoleArn(f"arn:aws:iam::{PRODUCTION}:role/FedgateBase")))
BROKER = Role(UserArn(f"arn:aws:iam::{PRODUCTION}:user/broker"), "Broker", Method.FEDERATION_TOKEN)
POOL = a_role("Pool", Method.COGNITO, identity_pool="eu-west-1:11111111-2222-3333-4444-555555555555")
ODD = a_role("Odd+=,.@-_name", Method.ASSUME_ROLE, label="Ops ${team} %{if} — “odd”")
VIEWS = [
    catalog(*SIGN_INS, BROKER, POOL, ODD),
    catalog(*SIGN_INS, accounts=(ACCOUNTS[0], BASE, ACCOUNTS[2])),
]
WHOLE = [(view, account, None) for view in VIEWS for account in (DEVELOPMENT, PRODUCTION, PARTNER)]
SINGLE = [(VIEWS[0], role.arn.account, role.arn) for role in VIEWS[0].roles.values()]
EVERY = pytest.mark.parametrize(("view", "account", "only"), WHOLE + SINGLE)


def described(signer: Signer) -> Gateway:
    return signer.described(reads_roles=True)


@EVERY
def test_cfn_lint_finds_nothing_wrong(
    signer: Signer, view: CatalogView, account: AccountId, only: RoleArn | None
) -> None:
    template = as_cloudformation(describe(view, account, described(signer), only))
    assert [str(found) for found in api.lint(template, regions=["eu-west-1"])] == []


def test_cfn_lint_would_have_found_something() -> None:
    template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"MaxSessionDuration": 60}}}}
    found = {match.rule.id for match in api.lint(json.dumps(template), regions=["eu-west-1"])}
    assert {"E3003", "E3034"} <= found


# Arguments of hashicorp/aws 6, as its documentation lists them: required, optional.
_ARGUMENTS = {
    "aws_iam_saml_provider": ({"name", "saml_metadata_document"}, {"tags"}),
    "aws_iam_openid_connect_provider": ({"url", "client_id_list"}, {"thumbprint_list", "tags"}),
    "aws_iam_role": (
        {"assume_role_policy"},
        {"name", "path", "description", "max_session_duration", "permissions_boundary", "tags"},
    ),
    "aws_iam_user_policy": ({"user", "policy"}, {"name"}),
    "aws_iam_role_policy": ({"role", "policy"}, {"name"}),
}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")


@EVERY
def test_terraform_would_read_it(signer: Signer, view: CatalogView, account: AccountId, only: RoleArn | None) -> None:
    text = as_terraform(describe(view, account, described(signer), only))
    found = json.loads(text)
    assert set(found) == {"//", "terraform", "resource"}
    addresses = {f"{kind}.{name}" for kind, named in found["resource"].items() for name in named}
    for kind, named in found["resource"].items():
        required, optional = _ARGUMENTS[kind]
        for name, body in named.items():
            assert _IDENTIFIER.fullmatch(name)
            assert required <= set(body) <= required | optional | {"depends_on"}
            assert set(body.get("depends_on", [])) <= addresses
            assert not _TEMPLATE.search(json.dumps(body)), "a template that nobody meant"


@EVERY
def test_both_templates_make_the_same_things(
    signer: Signer, view: CatalogView, account: AccountId, only: RoleArn | None
) -> None:
    side = describe(view, account, described(signer), only)
    formation = json.loads(as_cloudformation(side))["Resources"].values()
    terraform = json.loads(as_terraform(side))["resource"]
    assert sorted(_policies_of_cloudformation(formation)) == sorted(_policies_of_terraform(terraform))
    assert len(formation) == sum(len(named) for named in terraform.values())


def _policies_of_cloudformation(resources: Any) -> list[str]:
    documents = ("AssumeRolePolicyDocument", "PolicyDocument")
    return [_canonical(r["Properties"][d]) for r in resources for d in documents if d in r["Properties"]]


def _policies_of_terraform(resources: Any) -> list[str]:
    bodies = [body for named in resources.values() for body in named.values()]
    texts = [body[argument] for body in bodies for argument in ("assume_role_policy", "policy") if argument in body]
    return [_canonical(json.loads(text)) for text in texts]


def _canonical(document: object) -> str:
    return json.dumps(document, sort_keys=True)


def test_what_comes_after_what_is_said(signer: Signer) -> None:
    side = describe(VIEWS[0], PRODUCTION, described(signer))
    formation = json.loads(as_cloudformation(side))["Resources"]
    assert formation["RoleSaml"]["DependsOn"] == ["SamlProviderfedgate"]
    assert formation["RoleToken"]["DependsOn"] == ["OidcProvideridexampletest"]
    assert "DependsOn" not in formation["RoleAssume"]
    terraform = json.loads(as_terraform(side))["resource"]
    assert terraform["aws_iam_role"]["role_Saml"]["depends_on"] == ["aws_iam_saml_provider.saml_fedgate"]


def test_without_the_metadata_no_template_is_half_made(tmp_path: Path) -> None:
    side = describe(VIEWS[0], PRODUCTION, Gateway(ISSUER))
    for write in (as_cloudformation, as_terraform):
        with pytest.raises(NotDescribed, match="--keys"):
            write(side)
    nothing = describe(catalog(*SIGN_INS[:1]), DEVELOPMENT, Gateway(ISSUER))
    for write in (as_cloudformation, as_terraform):
        with pytest.raises(NotDescribed, match="needs nothing from here"):
            write(nothing)


def test_no_label_makes_cloudformation_write_a_secret_down(signer: Signer) -> None:
    role = a_role("Odd", Method.ASSUME_ROLE, label="{{{resolve:secretsmanager:prod/db}}}")
    side = describe(catalog(role), PRODUCTION, described(signer), role.arn)
    (made,) = json.loads(as_cloudformation(side))["Resources"].values()
    assert made["Properties"]["Description"] == "{ { {resolve:secretsmanager:prod/db}}} (given out by fedgate)"


def test_names_that_fall_together_are_told_apart() -> None:
    names = Names("")
    assert [names.new("Role", name) for name in ("a-b", "a.b", "AB")] == ["Roleab", "Roleab2", "RoleAB3"]
    assert names.of("Role", "a.b") == "Roleab2"
