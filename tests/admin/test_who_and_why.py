"""Carla sees before she saves whom a change concerns; afterwards everybody is told why they have what they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from app.audit import JournalFiles
from app.catalog.__main__ import run
from app.catalog.editing import Editing
from app.catalog.known import Known
from app.catalog.versions import Versions
from app.database.engine import Database
from app.local.cast import BOB
from tests.admin.clerk import Clerk, text_of
from tests.awsside.story import Administrator
from tests.office import Office, open_office
from tests.prompt import Tokens
from tests.world import ACCOUNTS_AND_ROLES, ADMIN, DEVELOPER, DEVELOPMENT, PRODUCTION, READ_ONLY, UPDATE_APP, World

TOP = """
admins = [{ provider = "corp-oidc", groups = ["Admins"] }]
contact = "aws-access@example.test"
"""
CATALOG = (
    ACCOUNTS_AND_ROLES.replace('label = "Update the app"', 'label = "Update the app"\nvisible = true')
    + f"""
[[role]]
arn = "{ADMIN}"
method = "saml"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:saml-provider/fedgate"
[[rule]]
id = "staff"
provider = "corp-oidc"
groups = ["Staff"]
roles = ["{READ_ONLY}"]
note = "only for eyes of administrators"
[[rule]]
id = "developers"
provider = "corp-oidc"
groups = ["Developers"]
roles = ["{UPDATE_APP}"]
"""
)


NONCE = re.compile(r'nonce="[^"]*"|value="[^"]*"')


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('why')}/fedgate.db"


@pytest.fixture(scope="module")
def office(world: World, database: str) -> Iterator[Office]:
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": database}
    with open_office(world, environment=told, top=TOP) as found:
        yield found


@pytest.fixture(scope="module")
def carla(office: Office) -> Clerk:
    return Clerk.arrive(office, "carla")


@pytest.fixture(scope="module")
def bob(office: Office) -> Tokens:
    return office.terminal("bob")[1]


@pytest.fixture(autouse=True, scope="module")
def begun(office: Office, database: str, tmp_path_factory: pytest.TempPathFactory, bob: Tokens) -> None:
    office.arrive("alice")
    editing = Editing(
        Versions(Database(database), lambda: datetime.now(UTC)),
        lambda: Known(frozenset({"corp-oidc"}), {}),
        JournalFiles(office.gateway.folder / "audit", lambda: datetime.now(UTC)),
    )
    file = tmp_path_factory.mktemp("first") / "catalog.toml"
    file.write_text(CATALOG)
    run(editing, ["apply", str(file), "how it was"])


def wanted(carla: Clerk, name: str, group: str, role: str) -> requests.Response:
    return carla.write("rule", id=name, provider="corp-oidc", groups=[group], roles=[role])


def section(page: requests.Response) -> str:
    found = BeautifulSoup(page.text, "html.parser").select_one("section[aria-labelledby=effects]")
    assert found is not None, text_of(page)
    return " ".join(found.get_text("", strip=False).split())


def test_a_new_rule_names_those_who_gain_by_it_and_by_which_group(carla: Clerk) -> None:
    said = section(wanted(carla, "support", "Staff", UPDATE_APP))
    assert "1 person gains a role, nobody loses one, of the 3 who signed in during the last 30 days." in said
    assert "bob@example.test" in said
    assert "signed in now, 2 times" in said
    assert "Update the app in Production, by the rule support for the group Staff" in said
    assert "carla@example.test" not in said


def test_giving_out_something_powerful_stands_out_and_says_why(carla: Clerk) -> None:
    said = section(wanted(carla, "admins", "Admins", ADMIN))
    assert "1 person gains Admin in Development. It looks powerful: “Admin” is part of its name." in said


def test_what_is_possible_with_a_role_stands_beside_the_rule_that_gives_it(
    office: Office, carla: Clerk, operator: Administrator
) -> None:
    """As the trust doctor saw it last. Nobody claims that a role is harmless which it has not seen."""
    page = carla.write("rule", id="passing", provider="corp-oidc", groups=["Staff"], roles=[DEVELOPER])
    doctor = carla.open(f"/admin/doctor/{DEVELOPMENT}/Developer")
    iam, wide = operator.iam(DEVELOPMENT), {"RoleName": "Developer", "PolicyName": "passes"}
    may = [{"Effect": "Allow", "Action": ["iam:PassRole", "lambda:*"], "Resource": "*"}]
    iam.put_role_policy(**wide, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": may}))
    try:
        carla.send(doctor, "Look again")
    finally:
        iam.delete_role_policy(**wide)

    text = text_of(carla.open(page.url))
    assert "Whoever has Developer in Development could possibly" in text
    assert "run code as another role in a new Lambda function" in text
    assert "Possible, not certain" in text
    assert "gain Developer in Development. It looks powerful: by its policies, whoever has it could possibly" in text
    _, tokens = office.terminal("carla")
    change = requests.get(page.url.replace("/admin/", "/api/v1/admin/"), headers=tokens.header, timeout=60).json()
    (possible,) = change["possible"]
    assert (possible["arn"], possible["seen_at"] is None) == (DEVELOPER, False)
    assert "pass-role-to-new-lambda-then-invoke" in [road["id"] for road in possible["escalations"]]
    assert [one["arn"] for one in change["concerns"]["alarming"]] == [DEVELOPER]
    for path in (f"role?name={DEVELOPER}", f"rule/form?roles={DEVELOPER}"):
        assert "could possibly" in carla.read(f"/admin/catalog/{path}"), path
    unseen = carla.read("/admin/catalog/rule?name=developers")  # in an account into which the gateway may not look
    assert "Not known yet what is possible with Update the app in Production" in unseen


def test_taking_away_names_those_who_lose(carla: Clerk) -> None:
    said = section(carla.write("rule", "staff", groups=["Ghosts"]))
    assert "Nobody gains a role, 3 people lose one, of the 3" in said
    assert "Read" in said
    assert "which they had by the rule staff for the group Staff" in said
    assert "refused from the next request on" in said


def test_a_longer_session_names_those_who_have_the_role(carla: Clerk) -> None:
    said = section(carla.write("role", READ_ONLY, max_minutes="120"))
    assert "3 people keep a role with other limits" in said


def test_a_label_concerns_nobody(carla: Clerk) -> None:
    assert "Nobody gains or loses a role" in section(carla.write("role", READ_ONLY, label="Look only"))


def test_groups_that_were_seen_are_offered_in_the_form_of_a_rule(carla: Clerk) -> None:
    page = BeautifulSoup(carla.open("/admin/catalog/rule/form").text, "html.parser")
    assert {"Admins", "Developers", "Staff"} <= {str(one["value"]) for one in page.select("datalist option")}


def why(office: Office, tokens: Tokens, arn: str) -> dict[str, Any]:
    answer = requests.get(f"{office.url}/api/v1/why", params={"role_arn": arn}, headers=tokens.header, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_bob_is_told_why_he_has_a_role(office: Office, bob: Tokens) -> None:
    found = why(office, bob, READ_ONLY)
    assert found["answer"] == "granted"
    assert found["because"][0] == "Office says that you are in the group Staff."
    assert re.fullmatch(
        r"The rule “staff” of the catalog, version 1 of .* UTC gives the role for that.", found["because"][1]
    )
    assert found["limits"][0].startswith("A session lasts up to ")
    assert "only for eyes" not in str(found)
    page = Clerk.arrive(office, "bob").read(f"/why/{PRODUCTION}/ReadOnly")
    assert "You have this role" in page
    assert "how it was" not in page


def test_who_has_no_role_is_told_whom_to_ask(office: Office) -> None:
    page = Clerk.arrive(office, "erin").open("/")
    assert 'Ask <a href="mailto:aws-access@example.test">' in page.text


def test_a_role_that_people_may_ask_about_tells_its_groups_and_whom_to_ask(office: Office) -> None:
    bob = Clerk.arrive(office, "bob")
    refused = bob.open(f"/console/{PRODUCTION}/UpdateApp")
    assert refused.status_code == 403
    link = BeautifulSoup(refused.text, "html.parser").select_one("main a[href^='/why/']")
    assert link is not None
    page = bob.open(str(link["href"]))
    assert "to be in the group Developers" in text_of(page)
    assert 'href="mailto:aws-access@example.test"' in page.text
    assert why(office, office.terminal("bob")[1], UPDATE_APP)["ways"] == [
        {"groups": ["Developers"], "attributes": {}, "pattern": ""}
    ]


def test_of_other_roles_nobody_learns_whether_they_exist(office: Office, bob: Tokens) -> None:
    clerk = Clerk.arrive(office, "bob")
    pages = [
        clerk.open(f"/why/{DEVELOPMENT}/{name}").text.replace(name, "X") for name in ("Developer", "NotThereAtAll")
    ]
    assert NONCE.sub("", pages[0]) == NONCE.sub("", pages[1])
    answers = [why(office, bob, f"arn:aws:iam::{DEVELOPMENT}:role/{name}") for name in ("Admin", "Nothing")]
    assert answers[0] == {
        **answers[1],
        "name": "Admin",
        "because": [answers[1]["because"][0].replace("Nothing", "Admin")],
    }
    assert answers[0]["ways"] == []


def test_carla_asks_why_about_anybody(office: Office, carla: Clerk) -> None:
    page = carla.read("/admin/why?person=bob&role=read+production")
    assert "may take Read" in page
    assert "rule staff gives the role for that" in page
    assert "saved by" in page
    assert "how it was" in page
    page = carla.read("/admin/why?person=bob&role=update")
    assert "may not take Update the app in Production" in page
    assert "for the group Developers: no" in page
    # Apart from their neighbours: one may be written from right to left.
    assert "<bdi>Staff</bdi>" in carla.open("/admin/why?person=bob&role=update").text
    assert "Which person?" in carla.read("/admin/why?person=example&role=update")
    assert "Which role?" in carla.read("/admin/why?person=bob&role=a")
    assert "Nobody is known" in carla.read("/admin/why?person=zed&role=zed")


def test_the_same_over_the_api_and_for_administrators_only(office: Office, bob: Tokens) -> None:
    _, carla = office.terminal("carla")
    asked = {"provider": "corp-oidc", "subject": BOB.subject, "role_arn": READ_ONLY}
    url = f"{office.url}/api/v1/admin/why"
    found = requests.get(url, params=asked, headers=carla.header, timeout=60)
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["answer"], told["rules"][0]["id"], told["version"]["reason"]) == ("granted", "staff", "how it was")
    assert told["rules"][0]["checks"][1] == {"asks": "for the group Staff", "holds": True, "found": "Staff"}
    nobody = requests.get(url, params={**asked, "subject": "x"}, headers=carla.header, timeout=60)
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")
    assert requests.get(url, params={**asked, "role_arn": "x"}, headers=carla.header, timeout=60).status_code == 400
    assert requests.get(url, params=asked, headers=bob.header, timeout=60).status_code == 403
    assert Clerk.arrive(office, "bob").open("/admin/why").status_code == 403
