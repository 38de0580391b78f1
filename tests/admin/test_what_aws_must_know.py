"""Carla, an administrator, reads what AWS must know and gives it to AWS; then Alice is in. Bob never gets to see it."""

from __future__ import annotations

import json
import time

import pytest
import requests
from bs4 import BeautifulSoup
from cfnlint import api

from tests.admin.conftest import NEW
from tests.awsside.story import Administrator
from tests.office import Office, page_of
from tests.servers.browser import Browser
from tests.world import DEVELOPMENT, PRODUCTION

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carla(office: Office) -> Browser:
    return office.arrive("carla")


def opened(browser: Browser, office: Office, path: str) -> requests.Response:
    return page_of(browser.open(f"{office.url}{path}"))


def asked(office: Office, header: dict[str, str], name: str) -> requests.Response:
    body = {"role_arn": f"arn:aws:iam::{PRODUCTION}:role/{name}"}
    return requests.post(f"{office.url}/api/v1/credentials", json=body, headers=header, timeout=60)


def test_carla_makes_each_role_from_its_file_and_alice_is_in(
    office: Office, carla: Browser, operator: Administrator
) -> None:
    _, alice = office.terminal("alice")
    for name in NEW:
        refused = asked(office, alice.header, name)
        assert (refused.status_code, refused.json()["code"]) == (502, "aws_refused")
    for name in NEW:
        file = opened(carla, office, f"/admin/aws/{PRODUCTION}/json?role={name}")
        assert file.headers["Content-Disposition"] == f"attachment; filename=fedgate-{PRODUCTION}-{name}.json"
        operator.apply_json(file.text)
    # What the gateway's own user needs is in the account where that user is. The stack's own roles must stay in it.
    policy = json.loads(opened(carla, office, f"/admin/aws/{DEVELOPMENT}/json").text)["Policies"][0]
    assert f"arn:aws:iam::{PRODUCTION}:role/ReadOnly" in json.dumps(policy)
    operator.apply_json(json.dumps({**_NOTHING, "Account": DEVELOPMENT, "Policies": [policy]}))
    time.sleep(2.5)  # those who wait for one answer of AWS share it for two seconds, also when it was no
    for name in NEW:
        given = asked(office, alice.header, name)
        assert given.status_code == 200, f"{name}: {given.text}"


_NOTHING: dict[str, object] = {"SamlProviders": [], "OpenIDConnectProviders": [], "Roles": []}


def test_the_first_page_is_found_with_a_slash_behind_it_too(office: Office, carla: Browser) -> None:
    assert opened(carla, office, "/admin/").url == f"{office.url}/admin"


def test_the_page_shows_the_documents_that_are_in_the_file(office: Office, carla: Browser) -> None:
    page = BeautifulSoup(opened(carla, office, f"/admin/aws/{PRODUCTION}").text, "html.parser")
    shown = [json.loads(text.get_text()) for text in page.select("pre")]
    file = json.loads(opened(carla, office, f"/admin/aws/{PRODUCTION}/json").text)
    assert shown == [role["AssumeRolePolicyDocument"] for role in file["Roles"]]
    assert {button["data-copy-of"] for button in page.select("button[data-copy-of]")} == {
        text["id"] for text in page.select("pre")
    }


@pytest.mark.parametrize("account", [DEVELOPMENT, PRODUCTION])
def test_every_link_of_the_pages_leads_somewhere(office: Office, carla: Browser, account: str) -> None:
    first = BeautifulSoup(opened(carla, office, "/admin/aws").text, "html.parser")
    assert f"/admin/aws/{account}" in [str(link["href"]) for link in first.select("main a")]
    page = BeautifulSoup(opened(carla, office, f"/admin/aws/{account}").text, "html.parser")
    links = {str(link["href"]) for link in page.select("main a")}
    assert {f"/admin/aws/{account}/{form}" for form in ("json", "cloudformation", "terraform")} <= links
    for link in links:
        found = opened(carla, office, link)
        assert found.status_code == 200, link
        assert "no-store" in found.headers["Cache-Control"] or "saml-metadata" in link


def test_the_template_of_the_page_is_one_that_cfn_lint_takes(office: Office, carla: Browser) -> None:
    file = opened(carla, office, f"/admin/aws/{PRODUCTION}/cloudformation")
    assert [str(found) for found in api.lint(file.text, regions=["eu-west-1"])] == []


PAGES = ("/admin", "/admin/aws", f"/admin/aws/{PRODUCTION}", f"/admin/aws/{PRODUCTION}/json", "/admin/aws/123456789012")


def test_alice_and_bob_are_told_whose_pages_these_are(office: Office) -> None:
    for who in ("alice", "bob"):
        browser = office.arrive(who)
        assert "/admin" not in opened(browser, office, "/").text
        for path in PAGES:
            refused = opened(browser, office, path)
            assert refused.status_code == 403
            assert "Only for administrators" in refused.text
            assert "sts:" not in refused.text


def test_somebody_unknown_signs_in_first_and_then_comes_back(office: Office) -> None:
    answer = requests.get(f"{office.url}/admin/aws/{PRODUCTION}", allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/signin?to=%2Fadmin%2Faws%2F{PRODUCTION}")


def test_a_terminals_token_opens_no_page_of_administrators(office: Office) -> None:
    _, carla = office.terminal("carla")
    answer = requests.get(f"{office.url}/admin", headers=carla.header, allow_redirects=False, timeout=60)
    assert answer.status_code == 303


def test_carla_finds_the_way_from_her_roles(office: Office, carla: Browser) -> None:
    page = BeautifulSoup(opened(carla, office, "/").text, "html.parser")
    assert [link.get_text() for link in page.select("header a[href='/admin']")] == ["Administration"]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/aws/123456789012",
        "/admin/aws/x",
        f"/admin/aws/{PRODUCTION}/yaml",
        f"/admin/aws/{PRODUCTION}/json?role=None",
        f"/admin/aws/{DEVELOPMENT}/json?role=NewSaml",
    ],
)
def test_what_is_not_there_is_not_there(office: Office, carla: Browser, path: str) -> None:
    assert opened(carla, office, path).status_code == 404
