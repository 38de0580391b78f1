"""Carla brings in what another tool has: she sees what comes and what cannot, and saves it like any change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests

from tests.admin.clerk import TWO_ADMINS, Clerk, text_of
from tests.office import Office, open_office
from tests.world import World

FILES = Path(__file__).parent.parent / "catalog" / "importing" / "files"


@pytest.fixture(scope="module")
def office(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    database = f"sqlite:///{tmp_path_factory.mktemp('importing')}/fedgate.db"
    with open_office(
        world, environment={"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": database}, top=TWO_ADMINS
    ) as it:
        yield it


@pytest.fixture(scope="module")
def carla(office: Office) -> Clerk:
    return Clerk.arrive(office, "carla")


def text(file: str) -> str:
    return (FILES / file).read_text("utf-8")


def test_an_import_is_looked_at_then_weighed_and_saved(carla: Clerk) -> None:
    assert "Keycloak: realm export" in carla.read("/admin/catalog/import")
    form = carla.open("/admin/catalog/import/keycloak")
    looked = carla.send(form, "Look at it", text=text("keycloak-realm.json"), provider="corp-oidc")
    shown = text_of(looked)
    assert "8 to add, 0 to change" in shown
    assert "2 groups are called 'interns'" in shown
    assert "Give them names" in shown

    page = carla.send(looked, "See what would change", go="1")
    assert "New rule keycloak-engineering" in text_of(page)
    assert "Saved" in text_of(carla.save(page, "from Keycloak"))
    again = carla.send(form, "Look at it", text=text("keycloak-realm.json"), provider="corp-oidc")
    assert "The catalog has all of it already." in text_of(again)
    assert "See what would change" not in text_of(again)


def test_the_names_of_groups_make_roles_of_claim_rules(carla: Clerk) -> None:
    form = carla.open("/admin/catalog/import/adfs")
    typed = {"text": text("adfs-one-account.txt"), "provider": "corp-oidc"}
    assert "list of your groups" in text_of(carla.send(form, "Look at it", **typed))
    looked = carla.send(form, "Look at it", **typed, groups="AWS-<script>\nAWS-Dev")
    assert "to add" in text_of(looked)
    assert "<script>" not in looked.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("name", "sent", "why"),
    [
        ("aws-auth", "a: &a [*a]", "alias"),
        ("aws-auth", "", "Choose a file, or paste"),
        ("keycloak", "{", "is not JSON"),
        ("consoleme", "[" * 200_000, "nested too deeply"),
        ("consoleme", '{"Roles":' * 600 + "{}" + "}" * 600, "has no roles"),
    ],
)
def test_what_cannot_be_read_is_told_beside_what_was_pasted(carla: Clerk, name: str, sent: str, why: str) -> None:
    answer = carla.send(carla.open(f"/admin/catalog/import/{name}"), "Look at it", text=sent, provider="corp-oidc")
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert sent in unescape(answer.text)


def test_a_provider_and_a_method_must_be_ones_that_there_are(carla: Clerk) -> None:
    form = carla.open("/admin/catalog/import/csv")
    for typed in ({"provider": "nobody"}, {"method": "cognito", "provider": "corp-oidc"}):
        answer = carla.send(form, "Look at it", text=text("list.csv"), **typed)
        assert answer.status_code == 422
        assert "Choose" in text_of(answer)


def test_a_program_reads_looks_and_saves(office: Office) -> None:
    header, under = office.terminal("carla")[1].header, f"{office.url}/api/v1/admin/catalog"
    asked = {"format": "csv", "provider": "corp-oidc", "text": text("list.csv")}
    read = requests.post(f"{under}/import", json=asked, headers=header, timeout=60).json()
    assert 'id = "list-developers"' in read["catalog"]
    assert read["left_out"] == []
    body = {"base": read["base"], "catalog": read["catalog"], "reason": "from a list"}
    assert requests.post(f"{under}/save", json=body, headers=header, timeout=60).status_code in (201, 202)
    for wrong in ({"text": "x"}, {"text": ""}, {"provider": "nobody"}):
        answer = requests.post(f"{under}/import", json={**asked, **wrong}, headers=header, timeout=60)
        assert answer.status_code == 422, wrong
        assert answer.json()["detail"]
    refused = requests.post(f"{under}/import", json={**asked, "format": "excel"}, headers=header, timeout=60)
    assert refused.status_code == 400


def test_there_is_no_importer_of_any_other_name(carla: Clerk) -> None:
    assert carla.open("/admin/catalog/import/excel").status_code == 404


def test_a_whole_company_can_be_looked_through_before_it_is_saved(carla: Clerk) -> None:
    """Leaf by leaf, to the last rule: nobody approves what the page left out."""
    arn = "arn:aws:iam::000000000042:role/Everywhere"
    rules = "".join(
        f'[[rule]]\nid = "many-{n}"\nprovider = "corp-oidc"\ngroups = ["Ghosts-{n}"]\nroles = ["{arn}"]\n'
        for n in range(250)
    )
    head = f'[[account]]\nid = "000000000042"\nname = "Large"\n[[role]]\narn = "{arn}"\nmethod = "assume_role"\n'
    catalog = carla.open("/admin/catalog/catalog.toml").text + head + rules
    page = carla.send(carla.open("/admin/catalog/import"), "See what would change", text=catalog)
    assert "Page 1 of 2, of 252 differences" in text_of(page)
    assert "many-249" not in text_of(page)
    assert "New rule many-249" in carla.read(f"{page.url}?page=2")
    number = carla.save(page, "all of them").url.partition("?")[0].rpartition("/")[2]
    assert "New rule many-249" in carla.read(f"/admin/catalog/history/{number}?page=2")
    compared = carla.open(f"/admin/catalog/history/compare?from={int(number) - 1}&to={number}")
    assert f"from={int(number) - 1}&amp;to={number}&amp;page=2" in compared.text
    role = carla.open(f"/admin/catalog/role?name={arn}")
    assert "And 150 more" in text_of(role)
    (found,) = re.findall(r'href="([^"]+)">150 more', role.text)
    assert "250 found" in carla.read(unescape(found))
    assert "Large" in carla.read("/admin/aws?q=large")
    assert "No account has these words" in carla.read("/admin/aws?q=large+small")
