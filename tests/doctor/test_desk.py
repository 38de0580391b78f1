"""Carla looks at her roles: what the doctor may not see it says, what it sees it judges, and what she applies works."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from app.awsside.documents import Gateway, policy
from app.awsside.permissions import permissions
from app.core.roles import Account, AccountId, Method, ProviderArn, UserArn
from tests.admin.conftest import operator
from tests.awsside.story import Administrator, a_role
from tests.awsside.story import catalog as a_catalog
from tests.office import RULES, Office, open_office, page_of
from tests.servers.browser import Browser
from tests.world import DEVELOPER, DEVELOPMENT, ISSUER, READ_ONLY, ROOT, World

__all__ = ["operator"]
pytestmark = pytest.mark.slow
HOST = ISSUER.removeprefix("https://")
FEDGATE = UserArn(f"arn:aws:iam::{DEVELOPMENT}:user/fedgate")
PAGE = f"/admin/doctor/{DEVELOPMENT}/Developer"
_TOP = f"""
admins = [{{ provider = "corp-oidc", groups = ["Admins"] }}]
aws_principal = "{FEDGATE}"
"""


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    with open_office(world, rules=RULES, top=_TOP) as office:
        yield office


@pytest.fixture(scope="module")
def carla(office: Office) -> Browser:
    return office.arrive("carla")


@pytest.fixture(scope="module", autouse=True)
def iam(operator: Administrator) -> Iterator[Any]:
    """Of Development, where the gateway may read nothing at first. What the tests do is undone."""
    client = operator.iam(DEVELOPMENT)
    reading = client.get_user_policy(UserName="fedgate", PolicyName="trust-doctor")["PolicyDocument"]
    client.delete_user_policy(UserName="fedgate", PolicyName="trust-doctor")
    trust = client.get_role(RoleName="Developer")["Role"]["AssumeRolePolicyDocument"]
    yield client
    client.update_assume_role_policy(RoleName="Developer", PolicyDocument=json.dumps(trust))
    if "doctor" in client.list_user_policies(UserName="fedgate")["PolicyNames"]:
        client.delete_user_policy(UserName="fedgate", PolicyName="doctor")
    client.put_user_policy(UserName="fedgate", PolicyName="trust-doctor", PolicyDocument=json.dumps(reading))


def opened(browser: Browser, office: Office, path: str) -> BeautifulSoup:
    answer = page_of(browser.open(f"{office.url}{path}"))
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def pressed(browser: Browser, office: Office, what: str, **given: str) -> BeautifulSoup:
    page = opened(browser, office, PAGE)
    token = str(page.select_one("main form input[name=csrf]")["value"])  # type: ignore[index]  # every form has one
    answer = browser.http.post(f"{office.url}{PAGE}/{what}", data={"csrf": token, **given}, timeout=60)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def state(page: BeautifulSoup) -> str:
    found = page.select_one("#state")
    assert found is not None
    return found.get_text(strip=True)


def what_the_doctor_wants() -> str:
    """From the generated documents, without what the gateway's user has already."""
    role = a_role(
        "Developer", Method.WEB_IDENTITY, DEVELOPMENT,
        provider_arn=ProviderArn(f"arn:aws:iam::{DEVELOPMENT}:oidc-provider/{HOST}"),
    )  # fmt: skip
    view = a_catalog(role, accounts=(Account(AccountId(DEVELOPMENT), "Development"),))
    document = permissions(FEDGATE, view, [role], Gateway(ISSUER, FEDGATE, examines_roles=True))
    assert document is not None
    statements = document["Statement"]
    assert isinstance(statements, list)
    return json.dumps(policy(*statements))


def test_a_role_that_iam_will_not_show_is_not_said_to_be_fine(office: Office, carla: Browser) -> None:
    page = pressed(carla, office, "look")
    assert state(page) == "Cannot look"
    assert "AccessDenied" in page.get_text() or "does not let the gateway" in page.get_text()
    listed = opened(carla, office, "/admin/doctor?standing=cannot+look")
    assert "Developer" in listed.get_text()


def test_a_role_of_another_account_cannot_be_looked_at_either(office: Office, carla: Browser) -> None:
    _, tokens = office.terminal("carla")
    account, name = READ_ONLY.split(":")[4], READ_ONLY.rpartition("/")[2]
    address = f"{office.url}/api/v1/admin/doctor/{account}/{name}"
    found = requests.post(f"{address}/look", headers=tokens.header, timeout=60).json()
    assert (found["state"], found["allowed"]) == ("cannot look", None)
    assert "another account" in found["why_not"]


def test_a_pasted_document_is_judged_and_not_kept(office: Office, carla: Browser) -> None:
    page = pressed(carla, office, "examine", document='{"Version": "2012-10-17"}')
    assert "no statement" in page.get_text()
    shown = page.select_one("#trust")
    assert shown is not None
    assert json.loads(shown.get_text())["Statement"][0]["Action"]
    assert state(opened(carla, office, PAGE)) == "Cannot look"


def test_a_change_for_the_worse_is_seen_told_and_mended(office: Office, carla: Browser, iam: Any) -> None:
    iam.put_user_policy(UserName="fedgate", PolicyName="doctor", PolicyDocument=what_the_doctor_wants())
    before = pressed(carla, office, "look")
    assert state(before) == "Sound", before.get_text()
    assert "possibly" in before.get_text() or "No known road" in before.get_text()

    trust = iam.get_role(RoleName="Developer")["Role"]["AssumeRolePolicyDocument"]
    worse = json.loads(json.dumps(trust))
    worse["Statement"][0]["Action"].remove("sts:SetSourceIdentity")
    worse["Statement"].append({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName="Developer", PolicyDocument=json.dumps(worse))
    page = pressed(carla, office, "look")
    assert state(page) == "The gateway is not let in"
    assert "Changed for the worse" in page.get_text()
    assert "every AWS account" in page.get_text()
    drift = [event for event in office.gateway.events() if event["kind"] == "doctor.drift"]
    assert [event["facts"]["role"] for event in drift] == [DEVELOPER]  # type: ignore[index]
    assert "changed for the worse" in opened(carla, office, "/admin").get_text()
    assert 'fedgate_events_total{kind="doctor.drift"} 1.0' in requests.get(f"{office.url}/metrics", timeout=60).text

    _, tokens = office.terminal("carla")
    found = requests.get(f"{office.url}/api/v1{PAGE}", headers=tokens.header, timeout=60).json()
    assert found["allowed"] == "no"
    assert {"everybody", "source-identity"} <= {finding["code"] for finding in found["findings"]}
    iam.update_assume_role_policy(RoleName="Developer", PolicyDocument=json.dumps(found["patch"]["document"]))
    assert state(pressed(carla, office, "look")) == "Sound"
    _, alice = office.terminal("alice")
    given = requests.post(
        f"{office.url}/api/v1/credentials", json={"role_arn": DEVELOPER}, headers=alice.header, timeout=60
    )
    assert given.status_code == 200, given.text


def test_the_command_says_the_same(office: Office, iam: Any, tmp_path: Path) -> None:
    status, said = command(office, DEVELOPER, "--format", "json")
    (found,) = json.loads(said)
    assert (status, found["state"], found["allowed"]) == (0, "sound", "yes"), said
    status, said = command(office)
    assert status == 1
    assert f"{DEVELOPER}: sound" in said
    assert f"{READ_ONLY}: cannot look" in said
    faulty = tmp_path / "trust.json"
    faulty.write_text('{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}')
    status, said = command(office, READ_ONLY, "--document", str(faulty))
    assert status == 1
    assert "open: Statement 1" in said
    assert "patch: " in said
    assert command(office, "arn:aws:iam::999999999999:role/Nobody")[0] == 2
    assert command(office, DEVELOPMENT, "--document", str(tmp_path / "missing.json"))[0] == 2


def command(office: Office, *words: str) -> tuple[int, str]:
    assert office.gateway.process is not None
    done = subprocess.run(
        [sys.executable, "-m", "app.doctor", *words],
        env=dict(office.gateway.process.environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_list_has_every_role_and_finds_by_typing(office: Office, carla: Browser) -> None:
    assert len(opened(carla, office, "/admin/doctor").select(".roles .role")) == 3
    assert len(opened(carla, office, "/admin/doctor?q=develop").select(".roles .role")) == 1
    assert "No role fits" in opened(carla, office, "/admin/doctor?q=nonsense").get_text()


@pytest.mark.parametrize("path", ["/admin/doctor", PAGE])
def test_bob_sees_none_of_it(office: Office, path: str) -> None:
    browser, tokens = office.terminal("bob")
    assert page_of(browser.open(f"{office.url}{path}")).status_code == 403
    assert requests.get(f"{office.url}/api/v1{path}", headers=tokens.header, timeout=60).status_code == 403


def test_a_role_that_is_not_in_the_catalog_is_not_found(office: Office, carla: Browser) -> None:
    assert page_of(carla.open(f"{office.url}/admin/doctor/{DEVELOPMENT}/Nobody")).status_code == 404
