"""From a real provider's login page to AWS: a browser, the CLI as served, credential_process, boto3.

Nothing of the gateway is told about SimpleSAMLphp or oidc-provider but by gateway.toml and catalog.toml.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.prompt import Prompt
from tests.real_providers.conftest import Company
from tests.servers.people import ALICE, BOB, CAROL
from tests.world import DEVELOPMENT, PRODUCTION, READ_ONLY, UPDATE_APP

BUCKET = "productionapp"
DENIED, AWS_REFUSED = 5, 7  # exit codes of fedgate
pytestmark = [pytest.mark.needs("simplesamlphp"), pytest.mark.slow]


def arn(account: str, role: str, name: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}-"


def test_alice_of_simplesamlphp_updates_the_app(company: Company, prompt: Callable[[str], Prompt]) -> None:
    browser = company.arrive("ssp", ALICE)
    hers = prompt("alice")
    assert hers.login(browser).code == 0
    assert hers.profiles() == ["production.UpdateApp"]
    assert hers.caller("production.UpdateApp").startswith(arn(PRODUCTION, "UpdateApp", "alice@example.test"))
    written = hers.boto3("write", "production.UpdateApp", BUCKET, "real.txt", "from SimpleSAMLphp")
    assert written.returncode == 0, written.stderr
    assert hers.boto3("read", "production.UpdateApp", BUCKET, "real.txt").stdout.strip() == "from SimpleSAMLphp"


def test_bob_of_simplesamlphp_may_look_and_not_touch(company: Company, prompt: Callable[[str], Prompt]) -> None:
    browser = company.arrive("ssp", BOB)
    his = prompt("bob")
    assert his.login(browser).code == 0
    assert his.profiles() == ["production.ReadOnly"]
    assert his.caller("production.ReadOnly").startswith(arn(PRODUCTION, "ReadOnly", "bob@example.test"))
    assert his.boto3("read", "production.ReadOnly", BUCKET, "welcome.txt").stdout.strip() == "The app in Production."
    refused = his.boto3("write", "production.ReadOnly", BUCKET, "real.txt", "by Bob")
    assert refused.returncode != 0
    assert "AccessDenied" in refused.stderr
    denied = his.fedgate("credential-process", "--role-arn", UPDATE_APP)
    assert (denied.code, denied.out) == (DENIED, "")


def test_alice_of_oidc_provider_is_a_developer(company: Company, prompt: Callable[[str], Prompt]) -> None:
    browser = company.arrive("okta", ALICE)
    hers = prompt("alice")
    assert hers.login(browser).code == 0
    assert hers.profiles() == ["development.Developer"]
    assert hers.caller("development.Developer").startswith(arn(DEVELOPMENT, "Developer", "alice"))
    # The role may read this bucket, the bucket's own account lets nobody of another account in.
    refused = hers.boto3("read", "development.Developer", BUCKET, "welcome.txt")
    assert refused.returncode != 0
    assert "AccessDenied" in refused.stderr


def test_the_same_group_at_the_other_provider_gives_nothing(company: Company, prompt: Callable[[str], Prompt]) -> None:
    # Alice is in aws-developers at both providers; only SimpleSAMLphp's developers update the app.
    hers = prompt("alice")
    assert hers.login(company.arrive("okta", ALICE)).code == 0
    assert hers.fedgate("credential-process", "--role-arn", UPDATE_APP).code == DENIED
    # Bob is in aws-readonly at both.
    browser, page = company.go("okta", BOB)
    assert page.status_code == 200
    assert "ReadOnly" not in page.text
    his = prompt("bob")
    assert his.login(browser).code == 0
    assert his.fedgate("credential-process", "--role-arn", READ_ONLY).code == DENIED


def test_alice_of_one_provider_is_not_alice_of_the_other(company: Company, prompt: Callable[[str], Prompt]) -> None:
    names = set()
    for provider, profile in (("ssp", "production.UpdateApp"), ("okta", "development.Developer")):
        hers = prompt(f"alice-{provider}")
        assert hers.login(company.arrive(provider, ALICE)).code == 0
        hers.profiles()
        names.add(hers.caller(profile).rpartition("-")[2])
    assert len(names) == 2


@pytest.mark.parametrize(("provider", "what"), [("ssp", "attribute"), ("okta", "claim")])
def test_carol_is_told_what_did_not_come(company: Company, provider: str, what: str) -> None:
    browser, page = company.go(provider, CAROL)
    assert page.status_code == 403
    assert "groups_unknown" in page.text
    assert f"the {what} “groups” was expected" in page.text
    assert not company.is_signed_in(browser)
    assert company.gateway.last_reason() in ("saml.groups-missing", "oidc.groups-missing")


def test_both_providers_are_offered(company: Company) -> None:
    page = requests.get(f"{company.url}/signin", timeout=60)
    assert "SimpleSAMLphp" in page.text
    assert "oidc-provider" in page.text
