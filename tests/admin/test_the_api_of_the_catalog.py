"""What the pages can do, a program can: Carla's script changes the catalog, Alice's approves, Bob's is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.admin.catalog.bodies import EntryChange, Wanted, wanted_entries
from app.catalog.entries import Key, Kind
from tests.admin.clerk import TWO_ADMINS
from tests.admin.routes import routes_of
from tests.office import Office, open_office
from tests.prompt import Tokens
from tests.world import ACCOUNTS_AND_ROLES, READ_ONLY, UPDATE_APP, World

GATEWAYS_OWN = "arn:aws:iam::111111111111:role/Gateway"
RULE: dict[str, Any] = {"id": "ghosts", "provider": "corp-oidc", "groups": ["Ghosts"], "roles": [UPDATE_APP]}


@pytest.fixture(scope="module")
def office(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path_factory.mktemp('api')}/fedgate.db"
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": url}
    with open_office(world, environment=told, top=f'{TWO_ADMINS}aws_principal = "{GATEWAYS_OWN}"\n') as found:
        yield found


@pytest.fixture(scope="module")
def carla(office: Office) -> Tokens:
    return office.terminal("carla")[1]


@pytest.fixture(scope="module")
def alice(office: Office) -> Tokens:
    return office.terminal("alice")[1]


class Api:
    def __init__(self, office: Office) -> None:
        self.under = f"{office.url}/api/v1/admin/catalog"

    def get(self, who: Tokens, path: str = "", status: int = 200) -> Any:
        answer = requests.get(self.under + path, headers=who.header, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, who: Tokens, path: str, body: object, status: int = 200) -> Any:
        answer = requests.post(self.under + path, json=body, headers=who.header, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api(office: Office, carla: Tokens) -> Api:
    found = Api(office)
    found.post(carla, "/save", {"catalog": ACCOUNTS_AND_ROLES, "reason": "the beginning", "base": 0}, 201)
    return found


def change(fields: object, name: str = "ghosts") -> dict[str, Any]:
    return {"changes": [{"kind": "rule", "name": name, "fields": fields}]}


def test_a_change_is_planned_saved_compared_and_restored(api: Api, carla: Tokens) -> None:
    start = api.get(carla)["version"]
    plan = api.post(carla, "/plan", change(RULE))
    assert [(one["name"], one["change"]) for one in plan["differences"]] == [("ghosts", "added")]
    assert plan["needs_second_person"] == []
    assert api.get(carla)["version"] == start, "planned, and not saved"

    saved = api.post(carla, "/save", {**change(RULE), "reason": "boo"}, 201)["version"]
    assert (saved["number"], saved["reason"]) == (start + 1, "boo")
    assert api.get(carla, "/entry?kind=rule&name=ghosts")["fields"] == RULE
    assert api.get(carla, f"/versions/{saved['number']}")["differences"] == plan["differences"]
    assert api.get(carla, f"/differences?from={start}&to={start + 1}")["differences"] == plan["differences"]
    assert api.get(carla, "?q=boo ghosts")["total"] == 0
    assert api.get(carla, "?q=ghosts")["total"] == 1

    api.post(carla, "/restore", {"version": start, "reason": "no more"}, 201)
    api.get(carla, "/entry?kind=rule&name=ghosts", 404)
    assert [one["reason"] for one in api.get(carla, "/versions")["versions"]][:2] == ["no more", "boo"]


def test_what_needs_a_second_person_waits_for_one(api: Api, carla: Tokens, alice: Tokens) -> None:
    to_all = change({**RULE, "groups": ["Admins"], "roles": [READ_ONLY]})
    plan = api.post(carla, "/plan", to_all)
    assert plan["needs_second_person"]
    assert [one["name"] for one in plan["concerns"]["gain"]["people"]] == ["carla@example.test"]
    waiting = api.post(carla, "/save", {**to_all, "reason": "for me"}, 202)["change"]
    path = f"/changes/{waiting['id']}"
    looked = api.get(alice, path)
    assert looked["differences"][0]["name"] == "ghosts"
    seen = {"base": looked["base"], "newest": looked["newest"]}
    assert api.post(carla, f"{path}/approve", seen, 400)["code"] == "invalid_request"
    assert "`newest`" in api.post(alice, f"{path}/approve", {}, 400)["detail"]
    moved = api.post(alice, f"{path}/approve", {**seen, "newest": looked["newest"] - 1}, 400)
    assert "Look again, then approve it" in moved["detail"]
    assert api.post(alice, f"{path}/approve", seen)["state"] == "approved"
    assert api.post(alice, f"{path}/refuse", {"reason": "too late"}, 400)["detail"].startswith(
        "This change is approved"
    )
    refused = api.post(carla, "/save", {**change({**RULE, "groups": ["Staff"]}), "reason": "more"}, 202)["change"]
    assert api.post(carla, f"/changes/{refused['id']}/withdraw", {})["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"reason": "x"}, 400, "either `changes` or `catalog`"),
        ({**change(RULE), "reason": ""}, 400, "Say why"),
        ({**change(RULE), "reason": "a\0b"}, 400, "Say why"),
        ({**change(RULE), "reason": "as asked \u202etsaL"}, 400, "U+202E"),
        (change({**RULE, "note": "\u200fPAY-12"}) | {"reason": "x"}, 422, "U+200F"),
        ({**change(RULE), "reason": "x", "force": True}, 400, "no such key"),
        ({**change({**RULE, "roles": ["arn:aws:iam::999999999999:role/No"]}), "reason": "x"}, 422, "no [[role]]"),
        ({**change({**RULE, "who": 1}), "reason": "x"}, 422, "no such key"),
        ({**change(RULE, "other"), "reason": "x"}, 422, "expected the entry's name"),
        ({**change(None, "other"), "reason": "x"}, 422, "is not in the catalog"),
        ({"changes": [{"kind": "role", "name": GATEWAYS_OWN, "fields": {"arn": GATEWAYS_OWN, "method": "assume_role"}}],
          "reason": "x"}, 422, "is who signs the gateway's own calls"),
        ({"catalog": "[[rule", "reason": "x"}, 422, "is not TOML"),
        ({**change(RULE), "reason": "x", "base": 999_999_999}, 404, "no version"),
        ([], 400, "the body"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_leaves_nothing(
    api: Api, carla: Tokens, body: object, status: int, word: str
) -> None:
    before, drafts = api.get(carla)["version"], api.get(carla, "/changes?state=draft")
    assert word in api.post(carla, "/save", body, status)["detail"]
    assert (api.get(carla)["version"], api.get(carla, "/changes?state=draft")) == (before, drafts)


def test_a_conflict_is_decided_by_a_program_as_by_a_page(api: Api, carla: Tokens, alice: Tokens) -> None:
    base = api.get(carla)["version"]
    noted = {"id": "noted", "provider": "corp-oidc", "groups": ["Ghosts"], "roles": [UPDATE_APP]}

    def asked(**more: object) -> dict[str, Any]:
        return {**change({**noted, **more}, "noted"), "base": base}

    api.post(alice, "/save", {**asked(note="one"), "reason": "1"}, 201)
    found = api.post(carla, "/save", {**asked(note="two"), "reason": "2"}, 409)
    assert (found["code"], found["newest"]) == ("catalog_conflict", base + 1)
    path = f"/changes/{found['change']}"
    conflicts = api.get(carla, path)["conflicts"]
    assert [(one["name"], one["field"], one["mine"], one["theirs"]) for one in conflicts] == [
        ("noted", "note", "two", "one")
    ]
    decided = {**{key: conflicts[0][key] for key in ("kind", "name", "field")}, "take": "mine"}
    for wrong in ([], [decided, decided], [{**decided, "field": "groups"}]):
        assert "rule noted (note)" in api.post(carla, f"{path}/resolve", {"decisions": wrong}, 400)["detail"]
    for guessed in ([], [decided]):
        refused = api.post(alice, f"{path}/resolve", {"decisions": guessed}, 400)["detail"]
        assert "is still writing" in refused, "and not what it is about"
    resolved = api.post(carla, f"{path}/resolve", {"decisions": [decided]})
    assert (resolved["conflicts"], resolved["base"]) == ([], base + 1)
    assert [one["fields"] for one in resolved["differences"]] == [[{"field": "note", "before": "one", "after": "two"}]]
    assert api.post(carla, f"{path}/save", {"reason": "2"}, 201)["version"]["number"] == base + 2
    assert api.get(carla, "/entry?kind=rule&name=noted")["fields"]["note"] == "two"


def test_a_draft_is_begun_looked_at_and_saved(api: Api, carla: Tokens, alice: Tokens) -> None:
    begun = api.post(carla, "/changes", change({**RULE, "id": "later"}, "later"), 201)
    assert (begun["state"], begun["differences"][0]["name"]) == ("draft", "later")
    assert begun["id"] in [one["id"] for one in api.get(carla, "/changes?state=draft")["changes"]]
    assert begun["id"] not in [one["id"] for one in api.get(alice, "/changes")["changes"]]
    assert "is still writing" in api.get(alice, f"/changes/{begun['id']}", 400)["detail"]
    api.post(carla, f"/changes/{begun['id']}/save", {"reason": "now"}, 201)
    assert "expected one of" in api.get(carla, "/changes?state=lost", 400)["detail"]
    assert "Ghosts" in api.get(carla, "/groups?q=ghos")["groups"]


def test_an_entry_gets_another_name_and_keeps_its_place(api: Api, carla: Tokens) -> None:
    def renamed(was: str, to: str) -> dict[str, Any]:
        fields = {"id": to, "provider": "corp-oidc", "groups": ["Ghosts"], "roles": [UPDATE_APP]}
        return {"changes": [{"kind": "rule", "name": to, "was": was, "fields": fields}], "reason": "better so"}

    api.post(carla, "/save", {**change({**RULE, "id": "old"}, "old"), "reason": "first"}, 201)
    api.post(carla, "/save", renamed("old", "new"), 201)
    api.get(carla, "/entry?kind=rule&name=old", 404)
    assert "not in the catalog" in api.post(carla, "/save", renamed("old", "newer"), 422)["detail"]
    api.post(carla, "/save", {**change({**RULE, "id": "old"}, "old"), "reason": "again"}, 201)
    assert "already" in api.post(carla, "/save", renamed("old", "new"), 422)["detail"]


def test_many_changes_at_once_are_what_they_are_one_after_the_other(api: Api, carla: Tokens) -> None:
    def rule(name: str, role: str, was: str | None = None) -> dict[str, Any]:
        fields = {"id": name, "provider": "corp-oidc", "groups": ["Ghosts"], "roles": [role]}
        return {"kind": "rule", "name": name, "was": was, "fields": fields}

    moved, gone = f"{UPDATE_APP}2", {"kind": "rule", "fields": None}
    asked = [
        *(rule(name, UPDATE_APP) for name in "abcd"),
        {"kind": "role", "name": moved, "was": UPDATE_APP, "fields": {"arn": moved, "method": "assume_role"}},
        *(rule(name, moved, was) for name, was in (("tmp", "a"), ("a", "b"), ("b", "tmp"))),  # they change places
        {**gone, "name": "c"},
        rule("c", READ_ONLY),
        {**gone, "name": "d"},
    ]
    plan = api.post(carla, "/plan", {"changes": asked})
    told = {one["name"]: one for one in plan["differences"]}
    assert [name for name in told if len(name) == 1] == ["b", "a", "c"]
    assert {name: told[name]["change"] for name in (moved, UPDATE_APP)} == {moved: "added", UPDATE_APP: "removed"}
    given = {name: one["after"] for name in "abc" for one in told[name]["fields"] if one["field"] == "roles"}
    assert given == {"a": [moved], "b": [moved], "c": [READ_ONLY]}


def test_rules_that_take_the_place_of_others_are_one_change() -> None:
    """Removed and written by turns, ten thousand of them went through the catalog ten thousand times."""

    class Counting(dict[str, Any]):
        asked = 0

        def get(self, *said: Any) -> Any:
            Counting.asked += 1
            return super().get(*said)

    role = Counting(arn=UPDATE_APP)
    base = {Key(Kind.ROLE, UPDATE_APP): role, **{Key(Kind.RULE, name): {**RULE, "id": name} for name in "abcdefgh"}}
    asked = [
        EntryChange(kind="rule", name=name, fields=fields)
        for old in "abcdefgh"
        for name, fields in ((old, None), (old.upper(), {**RULE, "id": old.upper()}))
    ]
    found = wanted_entries(Wanted(changes=asked), base)
    assert [key.name for key in found] == [UPDATE_APP, *"ABCDEFGH"]
    assert Counting.asked <= 2  # times that the role was looked at


def test_a_rule_gives_the_role_of_the_name_that_it_says_and_not_the_one_that_had_it_before(
    api: Api, carla: Tokens
) -> None:
    moved = f"{UPDATE_APP}2"
    asked = [
        {"kind": "role", "name": moved, "was": UPDATE_APP, "fields": {"arn": moved, "method": "assume_role"}},
        {"kind": "rule", "name": "z", "fields": {**RULE, "id": "z", "roles": [UPDATE_APP]}},
        {"kind": "role", "name": UPDATE_APP, "fields": {"arn": UPDATE_APP, "method": "assume_role"}},
    ]
    told = {one["name"]: one for one in api.post(carla, "/plan", {"changes": asked})["differences"]}
    given = {one["field"]: one["after"] for one in told["z"]["fields"]}
    assert given["roles"] == [UPDATE_APP]


def test_the_export_can_be_sent_back(api: Api, carla: Tokens) -> None:
    text = requests.get(f"{api.under}/export", headers=carla.header, timeout=60).text
    assert api.post(carla, "/plan", {"catalog": text})["differences"] == []


@pytest.mark.parametrize("path", ["/versions/99999999999999999999", "/changes/7777", "/entry?kind=rule&name=nobody"])
def test_what_is_not_there(api: Api, carla: Tokens, path: str) -> None:
    api.get(carla, path, 404)


def test_a_number_that_is_none_is_as_if_it_were_not_there(api: Api, carla: Tokens) -> None:
    for path in ("/versions?before=99999999999999999999", "?page=-1", "?page=99999999999", "/changes?before=x"):
        api.get(carla, path)


def test_a_cookie_of_an_admin_opens_no_api_and_a_token_no_page(office: Office, carla: Tokens) -> None:
    browser = office.arrive("carla")
    assert browser.http.get(f"{office.url}/api/v1/admin/catalog", timeout=60).status_code == 401
    page = requests.get(f"{office.url}/admin/catalog", headers=carla.header, allow_redirects=False, timeout=60)
    assert page.status_code == 303


def test_every_admin_route_refuses_bob(office: Office) -> None:
    """The list of routes is the gateway's own, so that no new one is forgotten here."""
    browser, bob = office.terminal("bob")
    page = browser.http.get(office.url, timeout=60)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    routes = admin_routes(office)
    assert len(routes) > 40
    for method, path in routes:
        if path.startswith("/api/"):
            answer = requests.request(method, office.url + path, headers=bob.header, json={}, timeout=60)
            assert (answer.status_code, answer.json()["code"]) == (403, "admin_required"), f"{method} {path}"
        else:
            sent = {"csrf": csrf} if method == "POST" else None
            answer = browser.http.request(
                method, office.url + path, data=sent, headers={"Origin": office.url}, timeout=60, allow_redirects=False
            )
            assert answer.status_code == 403, f"{method} {path}"
            assert "Only for administrators" in answer.text, f"{method} {path}"


def admin_routes(office: Office) -> list[tuple[str, str]]:
    """Of an application with this gateway's settings, each with something in the place of its parts."""
    return [one for one in routes_of(office) if one[1].startswith(("/admin", "/api/v1/admin"))]


def test_no_body_of_a_program_is_a_fault_of_ours(office: Office, carla: Tokens) -> None:
    headers = {**carla.header, "Content-Type": "application/json"}
    routes = [path for method, path in admin_routes(office) if method == "POST" and path.startswith("/api/")]
    account, role = READ_ONLY.split(":")[4], READ_ONLY.rpartition("/")[2]
    found = requests.get(f"{office.url}/api/v1/admin/people?q=carla", headers=carla.header, timeout=60).json()
    ends = [f"{one['path']}/end" for one in found["people"]]
    assert ends
    for path in [*routes, *ends, f"/api/v1/admin/doctor/{account}/{role}/examine"]:
        for body in ("[" * 20_000, '{"session": ' + "[" * 20_000, '{"document": "\\ud800"}', '{"session": "\\ud800"}'):
            answer = requests.post(office.url + path, data=body, headers=headers, timeout=30)
            assert answer.status_code < 500 or path.endswith("/look"), f"{path}: {answer.text}"
            assert path not in ends or answer.status_code == 400, "half a character would be in the journal"
