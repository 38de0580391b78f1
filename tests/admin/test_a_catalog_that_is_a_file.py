"""With FEDGATE_CATALOG the file is the truth: the pages show it, say where it is, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.admin.clerk import TWO_ADMINS, Clerk, text_of
from tests.office import RULES, Office, open_office
from tests.world import UPDATE_APP, World


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    with open_office(world, rules=RULES, top=TWO_ADMINS) as found:
        yield found


@pytest.fixture(scope="module")
def carla(office: Office) -> Clerk:
    return Clerk.arrive(office, "carla")


def test_the_pages_show_it_and_say_where_the_truth_is(carla: Clerk) -> None:
    told = carla.read("/admin/catalog?q=developers")
    assert "FEDGATE_CATALOG" in told
    assert "catalog.toml" in told
    assert "People of Office in Developers may take" in told
    assert "New rule" not in told
    entry = carla.read("/admin/catalog/rule?name=developers")
    assert "Read-only" in entry
    assert "Remove" not in entry
    assert UPDATE_APP in carla.open("/admin/catalog/catalog.toml").text
    assert "catalog" in carla.read("/admin").lower()


def test_a_change_of_the_file_shows_at_once(office: Office, carla: Clerk) -> None:
    file = office.gateway.folder / "catalog.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('groups = ["Staff"]', 'groups = ["Staff", "Zebras"]'), "utf-8")
    assert "Zebras" in carla.read("/admin/catalog?q=zebras")
    file.write_text("[[rule", "utf-8")
    told = carla.read("/admin/catalog")
    assert "The newest catalog is not in use" in told
    assert "is not TOML" in told
    file.write_text(text, "utf-8")
    assert "Nothing has all of these words" in carla.read("/admin/catalog?q=zebras")


READ = ("rule/form", "rule/form?name=developers", "changes", "changes/1", "history", "history/1", "import")
WRITTEN = (
    "rule/form", "rule/remove", "changes/1/save", "changes/1/approve", "changes/1/break-glass", "changes/1/resolve",
    "history/1/restore", "import",
)  # fmt: skip


@pytest.mark.parametrize("path", READ)
def test_what_would_lead_to_a_change_says_why_not(carla: Clerk, path: str) -> None:
    assert "edited there" in carla.read(f"/admin/catalog/{path}", 409)


@pytest.mark.parametrize("path", WRITTEN)
def test_nothing_can_be_posted(office: Office, carla: Clerk, path: str) -> None:
    page = carla.open("/")
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    sent = {"csrf": csrf, "name": "developers", "reason": "x", "text": "x", "base": "0"}
    answer = carla.browser.http.post(
        f"{office.url}/admin/catalog/{path}", data=sent, headers={"Origin": office.url}, timeout=60
    )
    assert answer.status_code == 409
    assert "The catalog is a file" in text_of(answer)


def test_neither_can_a_program(office: Office) -> None:
    _, carla = office.terminal("carla")
    under = f"{office.url}/api/v1/admin/catalog"
    assert requests.get(under, headers=carla.header, timeout=60).json()["total"] == 7
    for path, body in (
        ("plan", {"catalog": "x"}),
        ("save", {"catalog": "x", "reason": "x"}),
        ("restore", {"version": 1, "reason": "x"}),
        ("changes/1/approve", {}),
        ("changes/1/break-glass", {"reason": "x"}),
    ):
        answer = requests.post(f"{under}/{path}", json=body, headers=carla.header, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (409, "catalog_read_only"), path
