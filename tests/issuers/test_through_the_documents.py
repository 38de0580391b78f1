"""The gateway's own issuers come in through what `app.awsside` writes, by every method; and through nothing less.

The broker's user starts with no permission at all: what it may do is what the documents say.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.awsside.account import describe
from app.awsside.documents import AccountSide, Document, Gateway
from app.awsside.plain import as_json
from app.core.decisions import CatalogView
from app.core.roles import Account, AccountId, Assertion, Method, ProviderArn, Role, UserArn
from app.errors import GatewayError
from app.minting import saml_assertions
from tests.awsside.story import Administrator
from tests.issuers.test_ways import statement
from tests.issuers.ways import BROKER, GATEWAY, POLICY, Ways, a_way
from tests.local.aws.bench import ISSUER, OIDC_PROVIDER, PRODUCTION, SAML_PROVIDER
from tests.local.aws.pools import BACKEND, Pool, new_pool

TAGS = {"Team": "payments"}
EXTERNAL_ID = "fedgate-4711"


def new(name: str, method: Method, **more: Any) -> Role:
    return a_way(method, f"arn:aws:iam::{PRODUCTION}:role/{name}", **more)


@pytest.fixture
def bare(ways: Ways) -> Ways:
    """An AWS that knows the gateway's user and nothing else of it."""
    iam = ways.bench.operator(PRODUCTION, "iam")
    iam.delete_user_policy(UserName="broker", PolicyName="may")
    iam.delete_saml_provider(SAMLProviderArn=f"arn:aws:iam::{PRODUCTION}:saml-provider/gateway")
    iam.delete_open_id_connect_provider(
        OpenIDConnectProviderArn=f"arn:aws:iam::{PRODUCTION}:oidc-provider/id.fedgate.example"
    )
    return ways


def told(ways: Ways, *roles: Role, **more: Any) -> AccountSide:
    """AWS is given the documents of these roles."""
    account = AccountId(PRODUCTION)
    view = CatalogView("v1", {account: Account(account, "Production")}, {role.arn: role for role in roles}, ())
    xml = saml_assertions.metadata(GATEWAY, ways.keys, GATEWAY).decode()
    side = describe(view, account, Gateway(GATEWAY, UserArn(BROKER), xml, **more))
    assert side.problems == ()
    admin = Administrator(ways.bench.aws.url, {PRODUCTION: ways.bench.aws.operator(PRODUCTION)})
    admin.apply_json(as_json(side))
    return side


def less(document: Document) -> Iterator[Document]:
    """The policy as often as it allows actions, each time without one of them."""
    statements = document["Statement"]
    assert isinstance(statements, list)
    for number, found in enumerate(statements):
        actions = found["Action"] if isinstance(found["Action"], list) else [found["Action"]]
        for action in actions:
            changed = copy.deepcopy(document)
            rest = [other for other in actions if other != action]
            changed["Statement"][number]["Action"] = rest or "sts:DecodeAuthorizationMessage"  # type: ignore[index]
            yield changed


def nothing_can_be_spared(ways: Ways, side: AccountSide, role: Role, **more: Any) -> int:
    """Each action of each document is taken away once, and then nobody gets in. How many there were."""
    iam, tried = ways.bench.operator(PRODUCTION, "iam"), 0
    for made in side.roles:
        for changed in less(made.trust):
            iam.update_assume_role_policy(RoleName=made.arn.name, PolicyDocument=json.dumps(changed))
            refused(ways, role, **more)
            tried += 1
        iam.update_assume_role_policy(RoleName=made.arn.name, PolicyDocument=json.dumps(made.trust))
    for policy in side.policies:
        named = {"UserName": policy.principal.name, "PolicyName": policy.name}
        for changed in less(policy.document):
            iam.put_user_policy(**named, PolicyDocument=json.dumps(changed))
            refused(ways, role, **more)
            tried += 1
        iam.put_user_policy(**named, PolicyDocument=json.dumps(policy.document))
    return tried


def refused(ways: Ways, role: Role, **more: Any) -> None:
    with pytest.raises(GatewayError) as found:
        ways.issue(role, **more)
    assert "AccessDenied" in found.value.reason or "NotAuthorized" in found.value.reason, found.value.reason


@pytest.mark.parametrize("tags", [{}, TAGS], ids=["no tags", "tags"])
@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_by_the_gateways_own_statement(bare: Ways, method: Method, tags: dict[str, str]) -> None:
    role = new("App", method, tags=tags)
    side = told(bare, role)
    assert nothing_can_be_spared(bare, side, role) == 2 + bool(tags)
    assert bare.issue(role)


@pytest.mark.parametrize("tags", [{}, TAGS], ids=["no tags", "tags"])
def test_by_its_own_key_with_an_external_id(bare: Ways, tags: dict[str, str]) -> None:
    role = new("Theirs", Method.ASSUME_ROLE, tags=tags)
    side = told(bare, role, external_ids={AccountId(PRODUCTION): (EXTERNAL_ID,)})
    # In one account the trust policy alone is enough for AWS, so the user's own policy could be spared here; across
    # accounts it cannot (tests/awsside).
    only_trust = AccountSide(side.account, (), (), side.roles, (), (), ())
    assert nothing_can_be_spared(bare, only_trust, role, external_id=EXTERNAL_ID) == 2 + bool(tags)
    assert bare.issue(role, external_id=EXTERNAL_ID)
    for wrong in ("fedgate-4712", ""):
        refused(bare, role, external_id=wrong)


def test_by_its_own_key_and_a_second_factor(bare: Ways) -> None:
    role = new("Careful", Method.ASSUME_ROLE, mfa_serial=bare.phone.serial)
    told(bare, role)
    assert bare.issue(role, mfa_code=bare.code())
    refused(bare, new("Careful", Method.ASSUME_ROLE))


@pytest.mark.parametrize("tags", [{}, TAGS], ids=["no tags", "tags"])
def test_by_a_federation_token(bare: Ways, tags: dict[str, str]) -> None:
    role = a_way(Method.FEDERATION_TOKEN, BROKER, policy=POLICY, tags=tags)
    refused(bare, role)
    side = told(bare, role)
    assert side.roles == ()
    assert nothing_can_be_spared(bare, side, role) == 1 + bool(tags)
    assert bare.issue(role)


def test_by_a_session_token_after_which_the_key_alone_is_worth_nothing(bare: Ways) -> None:
    iam = bare.bench.operator(PRODUCTION, "iam")
    iam.put_user_policy(UserName="broker", PolicyName="rights", PolicyDocument=POLICY)
    assert bare.bench.client("iam", bare.key).list_roles()
    role = a_way(Method.SESSION_TOKEN, BROKER, mfa_serial=bare.phone.serial)
    told(bare, role)
    found = bare.issue(role, mfa_code=bare.code()).credentials
    with_code = {
        "AccessKeyId": found.access_key_id,
        "SecretAccessKey": found.secret_access_key,
        "SessionToken": found.session_token,
    }
    assert bare.bench.client("iam", with_code).list_roles()
    with pytest.raises(Exception, match="AccessDenied"):
        bare.bench.client("iam", bare.key).list_roles()


@pytest.mark.parametrize("login", ["", BACKEND], ids=["the gateway's tokens", "developer identities"])
def test_by_an_identity_pool(bare: Ways, login: str) -> None:
    first = told(bare, new("Unused", Method.WEB_IDENTITY)).oidc  # the pool wants its provider to be there
    pool: Pool = new_pool(bare.bench, OpenIdConnectProviderARNs=[provider.arn for provider in first])
    role = new("Reader", Method.COGNITO, identity_pool=pool.id, pool_login=login, max_seconds=3_600)
    if not login:  # and it comes again, with the same client id
        bare.bench.operator(PRODUCTION, "iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=first[0].arn)
    side = told(bare, role)
    assert side.oidc == (() if login else first)
    iam = bare.bench.operator(PRODUCTION, "iam")
    pool.admin.set_identity_pool_roles(IdentityPoolId=pool.id, Roles={"authenticated": role.arn})
    assert bare.caller(bare.issue(role)).startswith(f"arn:aws:sts::{PRODUCTION}:assumed-role/Reader/")
    for policy in side.policies:
        for changed in less(policy.document):
            named = {"UserName": policy.principal.name, "PolicyName": policy.name}
            iam.put_user_policy(**named, PolicyDocument=json.dumps(changed))
            with pytest.raises(GatewayError):
                bare.issue(role)
    assert len(side.policies) == bool(login)


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_by_the_companys_own_statement(bare: Ways, method: Method) -> None:
    provider = SAML_PROVIDER if method is Method.SAML else OIDC_PROVIDER
    if method is Method.WEB_IDENTITY:  # this one comes with the documents, the other with the company's metadata
        bare.bench.operator(PRODUCTION, "iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    given = {"provider_arn": ProviderArn(provider), "assertion": Assertion.PASSTHROUGH, "unenforced": True}
    role = new("Company", method, **given)
    side = told(bare, role, clients={ISSUER: "sts.amazonaws.com"})
    assert nothing_can_be_spared(bare, side, role, proof=statement(bare, method)) == 1
    assert bare.issue(role, proof=statement(bare, method))
