"""Carla and Alice at the catalog's pages, in Chromium, with the catalog in SQLite and in PostgreSQL.

With SCREENSHOTS=folder each page is also photographed, for somebody to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.admin.clerk import TWO_ADMINS, Clerk
from tests.journeys.person import People, Person
from tests.journeys.test_looks import WORN
from tests.office import Office, open_office
from tests.servers.postgresql import PostgreSql
from tests.world import ACCOUNTS_AND_ROLES, PRODUCTION, READ_ONLY, UPDATE_APP, World

pytestmark = pytest.mark.needs("chromium")
SENSITIVE = ACCOUNTS_AND_ROLES.replace('method = "assume_role"', 'method = "assume_role"\nsensitive = true')


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def office(world: World, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/fedgate.db"
    if request.param == "postgresql":
        server: PostgreSql = request.getfixturevalue("postgresql")
        url = server.new_database()
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": url}
    with open_office(world, environment=told, top=TWO_ADMINS) as found:
        carla, alice = Clerk.arrive(found, "carla"), Clerk.arrive(found, "alice")
        page = carla.send(carla.open("/admin/catalog/import"), "See what would change", text=SENSITIVE)
        page = carla.send(page, "Ask for a second person", reason="how it was")
        alice.send(alice.open(page.url), "Approve and save")
        yield found


def at(people: People, office: Office, key: str, path: str = "/") -> Person:
    person = people(key, office.url)
    person.open(f"/signin/corp-oidc?to={path}")
    person.pick()
    return person


def test_a_group_is_given_a_role_and_loses_it_again(people: People, office: Office) -> None:
    bob = at(people, office, "bob")
    assert bob.roles() == {}
    carla = at(people, office, "carla", "/admin")
    carla.click("Catalog")
    carla.page.get_by_label("Find").fill("update the app")
    carla.click("Find", within="main")
    carla.click("Update the app")
    carla.click("New rule for it")
    form = carla.page
    form.get_by_label("Name of the rule").fill("support")
    form.get_by_label("Groups, 1").fill("Staff")
    form.get_by_label("And only people with").fill("department = Support")
    assert form.get_by_label("May take these roles, 1").input_value() == UPDATE_APP
    carla.click("See what would change")
    assert carla.heading == "Before you save"
    assert "bob@example.test" in carla.text
    assert "Update the app in Production" in carla.text
    assert carla.named("New rule support").count() == 0, "no link: it has no page yet"
    form.get_by_label("Why?").fill("they asked for it")
    carla.click("Save")
    assert "Saved. It counts from now on." in carla.text
    assert carla.named("New rule support").count() == 1

    bob.open("/")
    assert bob.roles() == {f"Production {PRODUCTION}": ["Update the app"]}
    tab = bob.click_to_tab("Open console as Update the app in Production")
    assert tab.at_the_console()

    number = int(re.findall(r"Version (\d+)", carla.heading)[0])
    carla.open(f"/admin/catalog/history/{number - 1}")
    carla.click(f"Restore version {number - 1} …")
    assert "Removed rule support" in carla.text
    assert "bob@example.test" in carla.text
    form.get_by_label("Why?").fill("it was a mistake")
    carla.click("Save")
    bob.open("/")
    assert bob.roles() == {}
    bob.open(f"/console/{PRODUCTION}/UpdateApp", 403)


def test_a_second_admin_approves(people: People, office: Office) -> None:
    carla, alice = (at(people, office, key, "/admin/catalog") for key in ("carla", "alice"))
    carla.click("New rule")
    carla.page.get_by_label("Name of the rule").fill("auditors")
    carla.page.get_by_label("Groups, 1").fill("Auditors")
    carla.page.get_by_label("May take these roles, 1").fill(READ_ONLY)
    carla.click("See what would change")
    expect(carla.page.get_by_role("heading", name="This needs a second person")).to_be_visible()
    carla.page.get_by_label("Why?").fill("they come on Monday")
    carla.click("Ask for a second person")
    alice.open("/admin")
    alice.click("Look at them")
    alice.click("they come on Monday")
    alice.click("Approve and save")
    assert "What it changed New rule auditors" in alice.text


def test_what_is_wrong_is_said_beside_its_field_and_the_keyboard_gets_there(people: People, office: Office) -> None:
    carla = at(people, office, "carla", "/admin/catalog/rule/form")
    carla.page.get_by_label("Groups, 1").fill("Staff")
    with carla.page.expect_navigation():
        carla.page.keyboard.press("Enter")
    carla.look(422)
    carla.page.get_by_role("link", name="Name of the rule").click()
    expect(carla.page.get_by_label("Name of the rule")).to_be_focused()
    assert carla.page.get_by_label("Groups, 1").input_value() == "Staff"


def test_every_page_can_be_used_by_everybody(people: People, office: Office, request: pytest.FixtureRequest) -> None:
    if "postgresql" in request.node.name:
        return  # the same pages
    carla = at(people, office, "carla", "/admin")
    faults = {}
    for name, path, status in _pages(office):
        carla.open(path, status)
        for clothes in WORN:
            found = clothes.on(carla.page, f"catalog-{name}")
            if found:
                faults[f"{name} {clothes.name}"] = found
    assert faults == {}


def _pages(office: Office) -> Iterator[tuple[str, str, int]]:
    """Name, path and status; with changes in every state."""
    carla, alice = Clerk.arrive(office, "carla"), Clerk.arrive(office, "alice")

    def path(url: str) -> str:
        return url.removeprefix(office.url)

    waiting = carla.write("rule", id="readers", provider="corp-oidc", groups=["Staff"], roles=[READ_ONLY])
    yield "needs", path(waiting.url), 200
    carla.send(waiting, "Ask for a second person", reason="it would help")
    yield "waiting", path(waiting.url), 200
    glass = carla.write("rule", id="night", provider="corp-oidc", groups=["Night"], roles=[READ_ONLY])
    carla.send(glass, "Save without a second person", reason="it burns")
    hers = alice.write("rule", id="hers", provider="corp-oidc", groups=["Ghosts"], roles=[UPDATE_APP])
    alice.send(hers, "Save", reason="ghosts, too")
    mine = carla.write("rule", "hers", note="mine", attributes="department = Payments\ndepartment = Support")
    yield "before", path(mine.url), 200
    alice.send(alice.write("rule", "hers", note="theirs"), "Save", reason="a note")
    yield "conflict", path(mine.url), 200
    theirs = alice.write("rule", id="more", provider="corp-oidc", groups=["Sages"], roles=[READ_ONLY])
    alice.send(theirs, "Ask for a second person", reason="sages, too")
    yield "to-decide", path(theirs.url), 200
    yield "admin", "/admin", 200
    yield "start", "/admin/catalog", 200
    yield "nothing", "/admin/catalog?q=zebra", 200
    yield "account", f"/admin/catalog/account?name={PRODUCTION}", 200
    yield "role", f"/admin/catalog/role?name={UPDATE_APP}", 200
    yield "rule", "/admin/catalog/rule?name=hers", 200
    for kind in ("account", "role", "rule"):
        yield f"new-{kind}", f"/admin/catalog/{kind}/form", 200
    yield "change-role", f"/admin/catalog/role/form?name={READ_ONLY}", 200
    yield "changes", "/admin/catalog/changes", 200
    yield "history", "/admin/catalog/history", 200
    yield "version", "/admin/catalog/history/1", 200
    yield "compare", "/admin/catalog/history/compare?from=1&to=3", 200
    yield "import", "/admin/catalog/import", 200
    yield "import-from-ad-fs", "/admin/catalog/import/adfs", 200
