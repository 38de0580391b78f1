"""Carla looks up what happened and ends a session; Bob audits and changes nothing; Alice may do neither."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup, Tag
from jsonschema import Draft202012Validator

from app.admin.openapi.document import document
from app.admin.people.addresses import encoded
from tests.office import RULES, Office, open_office, page_of
from tests.patience import until
from tests.prompt import Tokens, ask
from tests.servers.browser import Browser
from tests.world import UPDATE_APP, World

pytestmark = pytest.mark.slow
_TOP = """
admins = [{ provider = "corp-oidc", groups = ["Admins"] }]
auditors = [{ provider = "corp-oidc", groups = ["Staff"] }]
"""
ACTIVITY, PEOPLE = "/admin/activity", "/admin/people"
API = "/api/v1/admin"


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    with open_office(world, rules=RULES, top=_TOP) as office:
        yield office


@pytest.fixture(scope="module")
def carla(office: Office) -> Browser:
    return office.arrive("carla")


@pytest.fixture(scope="module")
def bob(office: Office) -> tuple[Browser, Tokens]:
    return office.terminal("bob")


@pytest.fixture(scope="module")
def taken(office: Office, carla: Browser) -> dict[str, Any]:
    """What Alice took in a terminal; it can be searched for."""
    browser, alice = office.terminal("alice")
    given = ask(office.url, browser, alice, UPDATE_APP)
    assert given.status_code == 200, given.text
    key = given.json()["AccessKeyId"]
    until(lambda: f'data-key-id="{key}"' in shown(carla, office, f"{ACTIVITY}?access_key_id={key}").text)
    return dict(given.json())


def shown(browser: Browser, office: Office, path: str) -> requests.Response:
    return page_of(browser.open(f"{office.url}{path}"))


def told(office: Office, tokens: Tokens, path: str, **body: Any) -> requests.Response:
    method = "POST" if body else "GET"
    return requests.request(method, f"{office.url}{API}{path}", headers=tokens.header, json=body or None, timeout=60)


def events_in(answer: requests.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def form_of(answer: requests.Response) -> tuple[str, dict[str, str]]:
    found = BeautifulSoup(answer.text, "html.parser").select_one("main form[method=post]")
    assert isinstance(found, Tag), answer.text
    hidden = {str(tag["name"]): str(tag["value"]) for tag in found.select("input[type=hidden]")}
    return str(found["action"]), hidden


def test_from_an_access_key_id_to_who_had_it(office: Office, carla: Browser, taken: dict[str, Any]) -> None:
    page = BeautifulSoup(shown(carla, office, f"{ACTIVITY}?access_key_id={taken['AccessKeyId']}").text, "html.parser")
    [row] = page.select("ul.events > li")
    assert "Took credentials" in row.get_text()
    person = row.select_one(".by a")
    assert person is not None
    about = shown(carla, office, str(person["href"])).text
    assert "alice" in about
    assert taken["AccessKeyId"] in about
    event = row.select_one("h2 a")
    assert event is not None
    facts = BeautifulSoup(shown(carla, office, str(event["href"])).text, "html.parser")
    said = " ".join(facts.get_text(" ").split())
    assert UPDATE_APP in said
    assert "Credentials asked of AWS" in said  # the same request


@pytest.mark.parametrize(
    "search",
    [
        "name=ALICE",
        "role=UpdateApp",
        f"role={UPDATE_APP}",
        "kind=credentials.",
        "account=9999-9999-9999",
        "address=127.0.0.*",
    ],
)
def test_each_way_to_search_finds_it(office: Office, carla: Browser, taken: dict[str, Any], search: str) -> None:
    assert taken["AccessKeyId"] in shown(carla, office, f"{ACTIVITY}?{search}").text
    nothing = f"{search}&from=2001-01-01&to=2001-12-31"
    assert taken["AccessKeyId"] not in shown(carla, office, f"{ACTIVITY}?{nothing}").text


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("account=12", "twelve digits"),
        ("kind=nothing", "no such kind"),
        ("from=tomorrow", "Expected a day or a time"),
        ("access_key_id=AS*IA", "a * at the end"),
        ("subject=x", "belong together"),
        ("name=%3Cscript%3E", "Nothing was found"),
    ],
)
def test_what_cannot_be_understood_is_told_at_its_field(
    office: Office, carla: Browser, search: str, sentence: str
) -> None:
    answer = shown(carla, office, f"{ACTIVITY}?{search}")
    assert (answer.status_code, sentence in answer.text, "<script>" in answer.text) == (200, True, False)


def test_exports_are_the_same_search_and_on_record(office: Office, carla: Browser, taken: dict[str, Any]) -> None:
    search = f"access_key_id={taken['AccessKeyId'][:8]}*&name=alice&kind=credentials.issued"
    lines = events_in(shown(carla, office, f"{ACTIVITY}/jsonl?{search}"))
    assert {line["name"] for line in lines} == {"alice@example.test"}
    assert taken["AccessKeyId"] in [line["access_key_id"] for line in lines]
    answer = shown(carla, office, f"{ACTIVITY}/csv?{search}")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["line"] for row in rows] == [line["line"] for line in lines]
    assert json.loads(rows[0]["facts"]) == lines[0]["facts"]
    exported = [event for event in office.gateway.events() if event["kind"] == "activity.exported"]
    assert [event["facts"]["format"] for event in exported][-2:] == ["jsonl", "csv"]  # type: ignore[index]
    assert exported[-1]["name"] == "carla@example.test"


def test_the_api_says_what_the_page_shows(office: Office, bob: tuple[Browser, Tokens], taken: dict[str, Any]) -> None:
    found = told(office, bob[1], f"/activity?access_key_id={taken['AccessKeyId']}").json()
    [event] = found["events"]
    assert (event["name"], event["role"], found["after"]) == ("alice@example.test", UPDATE_APP, "")
    whole = told(office, bob[1], f"/activity/{event['line']}").json()
    assert whole["event"] == event
    assert "credentials.intended" in [one["kind"] for one in whole["beside"]]
    assert events_in(told(office, bob[1], f"/activity/jsonl?access_key_id={taken['AccessKeyId']}")) == [event]


def test_what_the_api_answers_has_the_shape_that_is_described(
    office: Office, bob: tuple[Browser, Tokens], taken: dict[str, Any]
) -> None:
    described = document(office.url)
    event = told(office, bob[1], "/activity?kind=credentials.issued").json()["events"][0]
    person = person_of(office, bob[1], "alice")["path"].removeprefix(API)
    for template, path in {
        "/activity": "/activity?name=alice",
        "/activity/{line}": f"/activity/{event['line']}",
        "/people": "/people?signed_in=true",
        "/people/{provider}/{code}": person,
    }.items():
        said = described["paths"][f"{API}{template}"]["get"]["responses"]["200"]["content"]["application/json"]
        found = told(office, bob[1], path).json()
        Draft202012Validator({**said["schema"], "components": described["components"]}).validate(found)
        assert any(found.values()), path


def test_paging_in_the_api_goes_to_the_very_first_event(office: Office, bob: tuple[Browser, Tokens]) -> None:
    for _ in range(60):
        requests.get(f"{office.url}/signin/corp-oidc/callback?state=x&code=y", timeout=60)
    written = [event for event in office.gateway.events() if event["kind"] == "signin.refused"]
    until(lambda: len(refusals_in_pages(office, bob[1])) >= len(written))
    lines = refusals_in_pages(office, bob[1])
    assert len(lines) == len(set(lines)) == len(written)


def refusals_in_pages(office: Office, auditor: Tokens) -> list[str]:
    first = told(office, auditor, "/activity?kind=signin.refused").json()
    lines, after = [event["line"] for event in first["events"]], first["after"]
    while after:
        answer = told(office, auditor, f"/activity?kind=signin.refused&after={after}").json()
        lines += [event["line"] for event in answer["events"]]
        after = answer["after"]
    return lines


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/activity?kind=nothing", 400),
        ("/activity?knid=signin.", 400),
        ("/activity?name=a&name=b", 400),
        ("/activity?after=x", 400),
        (f"/activity/{'0' * 64}", 404),
        ("/activity/xml", 404),
        ("/people?signed_in=maybe", 400),
        ("/people?q=a&signed_in=true", 400),
        ("/people?after=x", 400),
        ("/people/corp-oidc/x", 404),
        ("/people/corp-oidc/..", 404),
        (f"/people/corp-oidc/{encoded('nobody/../%2F')}", 404),
        (f"/people/corp-oidc/{encoded('alice')}=", 404),
    ],
)
def test_what_the_api_cannot_answer_it_says(
    office: Office, bob: tuple[Browser, Tokens], path: str, status: int
) -> None:
    answer = told(office, bob[1], path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def person_of(office: Office, auditor: Tokens, name: str) -> dict[str, Any]:
    """As the API lists them, by typing a part of the name."""
    until(lambda: bool(told(office, auditor, f"/people?q={name[:3].upper()}").json()["people"]))
    [found] = told(office, auditor, f"/people?q={name}").json()["people"]
    return dict(found)


def handles(office: Office, auditor: Tokens, person: dict[str, Any]) -> set[str]:
    here = requests.get(f"{office.url}{person['path']}", headers=auditor.header, timeout=60).json()
    return {one["handle"] for one in here["sessions"]}


def works(office: Office, tokens: Tokens) -> bool:
    return requests.get(f"{office.url}/api/v1/me", headers=tokens.header, timeout=60).status_code == 200


def test_carla_ends_one_session_and_only_that(
    office: Office, carla: Browser, bob: tuple[Browser, Tokens], taken: dict[str, Any]
) -> None:
    person = person_of(office, bob[1], "alice")
    path = person["path"].removeprefix("/api/v1")
    before = handles(office, bob[1], person)
    browser, tokens = office.terminal("alice")
    new = handles(office, bob[1], person) - before
    [mine] = [one for one in new if _was_opened_last(office, bob[1], person, one)]
    page = BeautifulSoup(shown(carla, office, path).text, "html.parser")
    ends = [str(tag["href"]) for tag in page.select("li.session .do a")]
    [end] = [address for address in ends if address.endswith(f"session={mine}")]
    asked = shown(carla, office, end)
    assert works(office, tokens)  # asking ends nothing
    action, form = form_of(asked)
    assert "1 session was ended" in page_of(carla.post(f"{office.url}{action}", form, office.url)).text
    assert not works(office, tokens)
    assert shown(browser, office, "/").url == f"{office.url}/"  # her browser was not meant
    event = [event for event in office.gateway.events() if event["kind"] == "session.ended_by_admin"][-1]
    facts = event["facts"]
    assert isinstance(facts, dict)
    assert (event["name"], facts["by"], facts["session"], facts["ended"]) == (
        "alice@example.test",
        "carla@example.test",
        mine,
        1,
    )
    again = page_of(carla.post(f"{office.url}{action}", form, office.url))
    assert "Nothing of that was alive any more" in again.text


def _was_opened_last(office: Office, auditor: Tokens, person: dict[str, Any], handle: str) -> bool:
    sessions = requests.get(f"{office.url}{person['path']}", headers=auditor.header, timeout=60).json()["sessions"]
    return bool(sessions[-1]["handle"] == handle)


def test_everything_ends_over_the_api_and_only_when_it_is_said(office: Office, bob: tuple[Browser, Tokens]) -> None:
    _, carla = office.terminal("carla")
    browser, erin = office.terminal("erin")
    path = person_of(office, bob[1], "erin")["path"].removeprefix(API)
    for body in ({"nothing": 1}, {"everything": False}, {"session": ""}, {"everything": True, "session": "x"}):
        assert told(office, carla, f"{path}/end", **body).status_code == 400
    assert works(office, erin)
    ended = told(office, carla, f"{path}/end", everything=True).json()["ended"]
    assert len(ended) == 2
    assert not works(office, erin)
    assert "ended=ended" in shown(browser, office, "/").url
    assert told(office, carla, path).json()["sessions"] == []
    now = told(office, carla, "/people?signed_in=true").json()["people"]
    assert "erin@example.test" not in [one["name"] for one in now]
    assert "bob@example.test" in [one["name"] for one in now]


def test_an_auditor_reads_and_ends_nothing(office: Office, bob: tuple[Browser, Tokens], taken: dict[str, Any]) -> None:
    browser, tokens = bob
    assert "Activity" in shown(browser, office, "/").text
    person = person_of(office, tokens, "alice")
    page = person["path"].removeprefix("/api/v1")
    for path in (ACTIVITY, PEOPLE, f"{ACTIVITY}/csv", page):
        assert shown(browser, office, path).status_code == 200, path
    here = shown(browser, office, page)
    assert "/end" not in here.text
    assert shown(browser, office, f"{page}/end?everything=yes").status_code == 403
    csrf = BeautifulSoup(here.text, "html.parser").select_one("input[name=csrf]")
    assert csrf is not None
    form = {"csrf": str(csrf["value"]), "everything": "yes"}
    assert page_of(browser.post(f"{office.url}{page}/end", form, office.url)).status_code == 403
    assert told(office, tokens, f"{person['path'].removeprefix(API)}/end", everything=True).status_code == 403
    for path in ("/admin", "/admin/providers", "/admin/aws"):
        assert shown(browser, office, path).status_code == 403, path


def test_erin_is_told_whose_pages_these_are(office: Office) -> None:
    browser, tokens = office.terminal("erin")
    assert "/admin" not in shown(browser, office, "/").text
    for path in (ACTIVITY, PEOPLE, f"{ACTIVITY}/csv", f"{PEOPLE}/corp-oidc/{encoded('alice')}"):
        refused = shown(browser, office, path)
        assert (refused.status_code, "manage or audit" in refused.text) == (403, True), path
        assert told(office, tokens, path.removeprefix("/admin")).status_code == 403, path
    assert requests.get(f"{office.url}{API}/activity", timeout=60).status_code == 401


def test_a_form_without_its_token_ends_nothing(office: Office, carla: Browser, bob: tuple[Browser, Tokens]) -> None:
    page = person_of(office, bob[1], "bob")["path"].removeprefix("/api/v1")
    refused = page_of(carla.post(f"{office.url}{page}/end", {"everything": "yes"}, office.url))
    assert (refused.status_code, works(office, bob[1])) == (403, True)


def test_the_book_catches_up_with_what_a_database_missed(office: Office, bob: tuple[Browser, Tokens]) -> None:
    """The table is out of its place while Alice takes a role, and comes back."""
    _, alice = office.terminal("alice")
    with _database(office) as database:
        database.execute("ALTER TABLE activity RENAME TO away")
    given = ask(office.url, bob[0], alice, UPDATE_APP, duration_minutes=30)
    with _database(office) as database:
        assert (given.status_code, told(office, bob[1], "/activity").status_code) == (200, 503)
        database.execute("ALTER TABLE away RENAME TO activity")
    key = given.json()["AccessKeyId"]
    until(lambda: len(told(office, bob[1], f"/activity?access_key_id={key}").json().get("events", [])) > 0)


@contextmanager
def _database(office: Office) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(office.gateway.folder / "fedgate.db", timeout=60)) as connection, connection:
        yield connection
