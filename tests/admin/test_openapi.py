"""The description of the API names every route and no other, and what the gateway answers has the shape it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator
from werkzeug.routing import Map

from app.admin.openapi.document import document
from tests.admin.clerk import TWO_ADMINS
from tests.admin.routes import application
from tests.office import Office, open_office
from tests.world import ACCOUNTS_AND_ROLES, PRODUCTION, READ_ONLY, UPDATE_APP, World

DESCRIPTION: Mapping[str, Any] = document("http://127.0.0.1:8080")
PLACES = {"number": "1", "line": "a" * 64}
RULE = {"id": "ghosts", "provider": "corp-oidc", "groups": ["Ghosts"], "roles": [UPDATE_APP]}


@pytest.fixture(scope="module")
def office(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path_factory.mktemp('openapi')}/fedgate.db"
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": url}
    with open_office(world, environment=told, top=TWO_ADMINS) as found:
        yield found


def operations() -> list[tuple[str, str, Mapping[str, Any]]]:
    return [(method, path, one) for path, methods in DESCRIPTION["paths"].items() for method, one in methods.items()]


def test_every_route_is_described_and_every_description_is_a_route(office: Office) -> None:
    routes: Map = application(office).url_map
    asking = routes.bind("")
    described = set()
    for method, path, _ in operations():
        filled = re.sub(r"\{(\w+)\}", lambda place: PLACES.get(place[1], "x"), path)
        endpoint, _ = asking.match(filled, method=method.upper())
        described.add((endpoint, method.upper()))
    api = {
        (rule.endpoint, method)
        for rule in routes.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == api


def test_names_of_operations_are_unique_and_every_reference_leads_somewhere() -> None:
    names = [one["operationId"] for _, _, one in operations()]
    assert len(names) == len(set(names))
    wanted = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION)))
    assert wanted == set(DESCRIPTION["components"]["schemas"])
    for _, path, one in operations():
        placed = {given["name"] for given in one.get("parameters", []) if given["in"] == "path"}
        assert placed == set(re.findall(r"\{(\w+)\}", path)), path


def test_anybody_may_read_the_description(office: Office) -> None:
    answer = requests.get(f"{office.url}/api/v1/openapi.json", timeout=60)
    assert answer.json() == json.loads(json.dumps(document(office.url)))


def test_what_is_answered_has_the_shape_that_is_described(office: Office) -> None:
    _, carla = office.terminal("carla")
    under = "/api/v1/admin/catalog"
    asked: list[tuple[str, str, object, int]] = [
        ("get", "/api/v1/me", None, 200),
        ("get", "/api/v1/roles", None, 200),
        ("post", f"{under}/save", {"catalog": ACCOUNTS_AND_ROLES, "reason": "first"}, 201),
        ("post", f"{under}/plan", {"changes": [{"kind": "rule", "name": "ghosts", "fields": RULE}]}, 200),
        ("post", f"{under}/save", {"reason": "more"}, 400),
        ("post", f"{under}/save", {"catalog": "[[role]]", "reason": "more"}, 422),
        ("get", under, None, 200),
        ("get", f"{under}/entry?kind=role&name={READ_ONLY}", None, 200),
        ("get", f"{under}/versions", None, 200),
        ("get", f"{under}/versions/1", None, 200),
        ("get", f"{under}/versions/7", None, 404),
        ("get", f"{under}/differences?from=0&to=1", None, 200),
        ("get", f"{under}/changes", None, 200),
        ("get", f"{under}/changes/1", None, 200),
        ("post", f"{under}/changes/1/approve", {}, 400),
        ("get", "/api/v1/admin/people?q=carla", None, 200),
        ("get", "/api/v1/admin/activity", None, 200),
        ("get", "/api/v1/admin/doctor", None, 200),
        ("get", "/api/v1/admin/providers", None, 200),
        ("get", "/api/v1/admin/aws", None, 200),
        ("get", f"/api/v1/admin/aws/{PRODUCTION}", None, 200),
        ("get", f"/api/v1/admin/aws/{PRODUCTION}/terraform?role=UpdateApp", None, 200),
        ("get", f"{under}/groups", None, 200),
        ("post", f"{under}/changes", {"changes": [{"kind": "rule", "name": "ghosts", "fields": RULE}]}, 201),
        ("post", f"{under}/changes/2/resolve", {"decisions": []}, 200),
        ("post", f"{under}/changes/2/save", {"reason": "more"}, 201),
        ("get", f"/api/v1/why?role_arn={READ_ONLY}", None, 200),
    ]
    for method, path, body, status in asked:
        answer = requests.request(method, office.url + path, json=body, headers=carla.header, timeout=60)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        Draft202012Validator(_schema(method, path.partition("?")[0], answer)).validate(answer.json())


def _schema(method: str, path: str, answer: requests.Response) -> Mapping[str, Any]:
    """What is described for this answer; with the components beside it, for its references."""
    templates = {re.sub(r"\{\w+\}", "[^/]+", template): template for template in DESCRIPTION["paths"]}
    exact = DESCRIPTION["paths"].get(path)
    found = exact or next(DESCRIPTION["paths"][t] for pattern, t in templates.items() if re.fullmatch(pattern, path))
    responses = found[method]["responses"]
    told = responses.get(str(answer.status_code), responses["default"])
    content = told["content"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert kind in content, f"{method} {path}: {kind}"
    return {**content[kind]["schema"], "components": DESCRIPTION["components"]}
