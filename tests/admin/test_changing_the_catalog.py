"""Carla and Alice administer one gateway; what they save counts at once, and neither can widen her own rights alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.admin.clerk import TWO_ADMINS, Clerk, fields_of, text_of
from tests.office import Office, open_office
from tests.prompt import Tokens
from tests.servers.postgresql import PostgreSql
from tests.world import ACCOUNTS_AND_ROLES, PRODUCTION, READ_ONLY, UPDATE_APP, World

CATALOG = (
    ACCOUNTS_AND_ROLES.replace('method = "assume_role"', 'method = "assume_role"\nsensitive = true')
    + f"""
[[rule]]
id = "nobody yet"
provider = "corp-oidc"
groups = ["Ghosts"]
roles = ["{UPDATE_APP}"]
"""
)

SUPPORT = {"id": "support", "provider": "corp-oidc", "groups": ["Staff"], "roles": [UPDATE_APP]}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def office(world: World, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/fedgate.db"
    if request.param == "postgresql":
        server: PostgreSql = request.getfixturevalue("postgresql")
        url = server.new_database()
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": url}
    with open_office(world, environment=told, top=TWO_ADMINS) as found:
        yield found


@pytest.fixture(scope="module")
def carla(office: Office) -> Clerk:
    return Clerk.arrive(office, "carla")


@pytest.fixture(scope="module")
def alice(office: Office) -> Clerk:
    return Clerk.arrive(office, "alice")


@pytest.fixture(scope="module")
def bob(office: Office) -> Tokens:
    return office.terminal("bob")[1]


@pytest.fixture(autouse=True, scope="module")
def first(carla: Clerk) -> None:
    """An empty gateway teaches; Carla imports the company's catalog. It has a sensitive role, so Alice agrees."""
    assert "Three things make a catalog" in carla.read("/admin/catalog")
    page = carla.send(carla.open("/admin/catalog/import"), "See what would change", text=CATALOG)
    assert "New account 111111111111" in text_of(page)
    page = carla.send(page, "Ask for a second person", reason="how it was")
    assert "waits for a second person" in text_of(page)
    alice = Clerk.arrive(carla.office, "alice")
    assert "1 change waits" in alice.read("/admin")
    assert "Saved" in text_of(alice.send(alice.open(page.url), "Approve and save"))


def roles(office: Office, tokens: Tokens) -> set[str]:
    answer = requests.get(f"{office.url}/api/v1/roles", headers=tokens.header, timeout=60)
    answer.raise_for_status()
    return {role["arn"] for role in answer.json()["roles"]}


def newest(clerk: Clerk) -> int:
    return int(re.findall(r"Version (\d+) in force", clerk.read("/admin/catalog/history"))[0])


def kinds(office: Office) -> list[str]:
    return [str(event["kind"]) for event in office.gateway.events()]


def test_a_group_is_mapped_to_a_role_and_back_again(office: Office, carla: Clerk, bob: Tokens) -> None:
    assert UPDATE_APP not in roles(office, bob)
    before = newest(carla)
    page = carla.write("rule", **SUPPORT, attributes="department = Support")
    assert "New rule support" in text_of(page)
    assert newest(carla) == before, "looked at, and not saved"
    assert UPDATE_APP not in roles(office, bob)
    assert "Saved" in text_of(carla.save(page, "they asked for it"))
    assert UPDATE_APP in roles(office, bob)

    history = carla.open(f"/admin/catalog/history/{before}")
    page = carla.send(history, f"Restore version {before} …")
    assert "Removed rule support" in text_of(page)
    carla.save(page, "they are done")
    assert UPDATE_APP not in roles(office, bob)
    assert f"version {before} again" in carla.read("/admin/catalog/history")


def test_without_a_reason_nothing_is_saved_and_what_was_typed_stays(carla: Clerk, alice: Clerk) -> None:
    before = newest(carla)
    page = carla.write("rule", "nobody yet", note="a note")
    refused = carla.save(page, "  ")
    assert refused.status_code == 400
    assert "Say why" in text_of(refused)
    assert newest(carla) == before
    draft = f"/admin/catalog/rule/form?entry=nobody+yet&draft={page.url.rpartition('/')[2]}"
    assert "a note" in carla.open(draft).text
    assert "is still writing this change" in text_of(alice.open(draft))
    too_long = carla.save(page, "x" * 501)
    assert "x" * 501 in too_long.text


def test_a_form_names_every_fault_beside_its_field_and_keeps_what_was_typed(carla: Clerk) -> None:
    page = carla.write(
        "rule",
        id="wrong",
        provider="corp-oidc",
        groups=["Staff"],
        roles=[f"arn:aws:iam::{PRODUCTION}:role/NotThere"],
        attributes="department Payments",
        expires="tomorrow",
    )
    assert page.status_code == 422
    told = text_of(page)
    assert "expected NAME = VALUE on each line" in told
    assert "expected a time such as" in told
    typed = fields_of(page)
    assert (typed["id"], typed["attributes"], typed["expires"]) == ("wrong", "department Payments", "tomorrow")
    page = carla.send(page, "See what would change", attributes="", expires="0001-01-01T00:00:00+14:00")
    assert "expected a time such as" in text_of(page)
    page = carla.send(page, "See what would change", attributes="", expires="")
    assert page.status_code == 422
    assert f"there is no [[role]] with the ARN arn:aws:iam::{PRODUCTION}:role/NotThere" in text_of(page)


def test_a_role_that_aws_would_not_take_is_refused_with_the_fix(carla: Clerk) -> None:
    arn = f"arn:aws:iam::{PRODUCTION}:role/Other"
    page = carla.write("role", arn=arn, method="saml", provider_arn="nonsense", max_minutes="5")
    assert page.status_code == 422
    assert "greater than or equal to 15" in text_of(page)
    page = carla.send(page, "See what would change", max_minutes="60")
    assert "expected the ARN of an IAM provider such as" in text_of(page)


def test_more_lines_keep_what_was_typed(carla: Clerk) -> None:
    page = carla.open("/admin/catalog/rule/form")
    page = carla.send(page, "More lines", id="half", groups=["A", "B"], more="1")
    typed = fields_of(page)
    assert typed["id"] == "half"
    assert typed["groups"][:3] == ["A", "B", ""]
    assert len(typed["groups"]) == 14


def test_removing_a_role_takes_it_out_of_its_rules_and_says_so(carla: Clerk) -> None:
    page = carla.send(carla.open(f"/admin/catalog/role?name={UPDATE_APP}"), "Remove …")
    told = text_of(page)
    assert "Removed role UpdateApp" in told
    assert "Removed rule nobody yet" in told
    carla.send(page, "Discard this change")


def test_two_admins_at_once_lose_nothing(carla: Clerk, alice: Clerk) -> None:
    mine = carla.write("rule", "nobody yet", note="carla was here")
    hers = alice.write("rule", "nobody yet", groups=["Ghosts", "Spirits"])
    alice.save(hers, "spirits, too")
    seen = carla.open(mine.url)
    assert "alice@example.test" in text_of(seen)
    assert "spirits, too" in text_of(seen)
    carla.save(seen, "a note")
    entry = carla.read("/admin/catalog/rule?name=nobody+yet")
    assert "carla was here" in entry
    assert "Spirits" in entry


def test_a_conflict_shows_both_and_lets_its_author_decide(carla: Clerk, alice: Clerk) -> None:
    mine = carla.write("rule", "nobody yet", note="mine", groups=["Ghosts", "Others"])
    alice.save(alice.write("rule", "nobody yet", note="hers"))
    refused = carla.save(mine)
    assert "Somebody else changed the same" in text_of(refused)
    assert "As they saved it: hers" in text_of(refused)
    assert "As you want it: mine" in text_of(refused)
    undecided = carla.send(refused, "Decide")
    assert "Decide each of them" in text_of(undecided)
    page = carla.send(refused, "Decide", **{"take rule nobody yet note": "mine"})
    carla.save(page, "mine it is")
    entry = carla.read("/admin/catalog/rule?name=nobody+yet")
    assert "mine" in entry
    assert "Others" in entry


def test_a_second_person_approves_and_the_first_cannot(office: Office, carla: Clerk, alice: Clerk) -> None:
    before = newest(carla)
    page = carla.write("rule", id="readers", provider="corp-oidc", groups=["Readers"], roles=[READ_ONLY])
    assert "marked sensitive" in text_of(page)
    page = carla.send(page, "Ask for a second person", reason="auditors are coming")
    assert newest(carla) == before
    with pytest.raises(AssertionError, match="no button"):
        carla.send(page, "Approve and save")
    own = forced(carla, page, "approve")
    assert "your own change" in text_of(own)
    assert newest(carla) == before
    alice.send(alice.open(page.url), "Approve and save")
    assert newest(carla) == before + 1
    assert "alice@example.test" in carla.read(page.url.removeprefix(office.url))
    assert "Approved by alice@example.test" in carla.read(f"/admin/catalog/history/{before + 1}")
    number, path = int(page.url.rpartition("/")[2]), "/admin/catalog/changes"
    assert "auditors are coming" in carla.read(path)
    assert "auditors are coming" in carla.read(f"{path}?before={number + 1}")
    assert "auditors are coming" not in carla.read(f"{path}?before={number}")
    assert "none that are older" in carla.read(f"{path}?before=1")
    assert kinds(office)[-1] == "catalog.changed"
    assert "catalog.approved" in kinds(office)[-3:]


def test_whoever_gains_by_it_cannot_approve(carla: Clerk, alice: Clerk) -> None:
    page = carla.write("rule", id="developers read", provider="corp-oidc", groups=["Developers"], roles=[READ_ONLY])
    page = carla.send(page, "Ask for a second person", reason="for us all")
    refused = alice.send(alice.open(page.url), "Approve and save")
    assert "You would gain by this change yourself" in text_of(refused)
    told = text_of(alice.send(alice.open(page.url), "Refuse", reason="not for us"))
    assert "not for us" in told
    assert "refused" in carla.read("/admin/catalog/changes")


def test_a_change_that_can_no_longer_be_joined_goes_back_to_its_author(carla: Clerk, alice: Clerk) -> None:
    """Two new rules of one name: joined, the one's people would have the other's role, which nobody had in mind."""
    page = carla.write("rule", id="guests", provider="corp-oidc", groups=["Guests"], roles=[READ_ONLY])
    page = carla.send(page, "Ask for a second person", reason="they look")
    looked = alice.open(page.url)
    alice.save(alice.write("rule", id="guests", provider="corp-oidc", groups=["Partners"], roles=[UPDATE_APP]))
    told = text_of(forced(alice, looked, "approve", seen=seen_of(alice.open(page.url))))
    assert "It went back to carla@example.test" in told
    decided = carla.open(page.url)
    assert "Decide below, then ask again" in text_of(decided)
    typed = {"take rule guests groups": "mine", "take rule guests roles": "mine"}
    assert "Guests" in text_of(carla.send(decided, "Decide", **typed))
    carla.send(carla.open(page.url), "Discard this change")


def seen_of(page: requests.Response) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_what_became_another_change_meanwhile_is_looked_at_again(carla: Clerk, alice: Clerk) -> None:
    page = carla.write("rule", id="others read", provider="corp-oidc", groups=["Readers"], roles=[READ_ONLY])
    page = carla.send(page, "Ask for a second person", reason="for the readers")
    looked_at = alice.open(page.url)
    carla.save(carla.write("rule", "nobody yet", groups=["Ghosts", "More"]), "meanwhile")
    refused = alice.send(looked_at, "Approve and save")
    assert "Look again, then approve it" in text_of(refused)
    assert "Saved" in text_of(alice.send(refused, "Approve and save"))


def test_broken_glass_is_loud_until_somebody_else_has_looked(office: Office, carla: Clerk, alice: Clerk) -> None:
    page = carla.write("rule", id="at night", provider="corp-oidc", groups=["Staff"], roles=[READ_ONLY])
    page = carla.send(page, "Save without a second person", reason="production is down")
    assert "Saved without a second person" in text_of(page)
    assert "catalog.broken_glass" in kinds(office)
    for clerk in (carla, alice):
        assert "without the second person" in clerk.read("/admin")
    own = forced(carla, page, "review", reason="fine")
    assert "your own change" in text_of(own)
    alice.send(alice.open(page.url), "I have reviewed it", reason="it was needed")
    assert "without the second person" not in carla.read("/admin")
    assert kinds(office)[-1] == "catalog.reviewed"


def forced(clerk: Clerk, page: requests.Response, what: str, **typed: str) -> requests.Response:
    """What no button of the page does."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    address, sent = f"{page.url.partition('?')[0]}/{what}", {"csrf": found[1], **typed}
    return clerk.browser.http.post(address, data=sent, headers={"Origin": clerk.office.url}, timeout=60)


def test_anything_is_found_by_typing(carla: Clerk) -> None:
    for query in ("update app production", "ghosts", PRODUCTION, "mine", UPDATE_APP):
        assert "Nothing has all of these words" not in carla.read(f"/admin/catalog?q={query}"), query
    assert "Nothing has all of these words" in carla.read("/admin/catalog?q=zebra")
    assert "1 found" in carla.read("/admin/catalog?q=production&kind=account")


def test_the_export_is_what_an_import_takes_and_changes_nothing(carla: Clerk, tmp_path: Path) -> None:
    text = carla.open("/admin/catalog/catalog.toml").text
    page = carla.send(carla.open("/admin/catalog/import"), "See what would change", text=text)
    assert "Nothing differs" in text_of(page)


def test_an_import_with_faults_names_them_and_keeps_the_text(carla: Clerk) -> None:
    page = carla.send(carla.open("/admin/catalog/import"), "See what would change", text='[[rule]]\nid = "x"\nwho = 1')
    assert page.status_code == 422
    assert "rule[1].provider: is required" in text_of(page)
    assert "who = 1" in page.text


def test_what_fitted_when_it_was_begun_may_no_longer_fit(carla: Clerk, alice: Clerk) -> None:
    arn = f"arn:aws:iam::{PRODUCTION}:role/Short"
    alice.save(alice.write("role", arn=arn, method="assume_role"), "for a while")
    page = carla.write("rule", id="short", provider="corp-oidc", groups=["Ghosts"], roles=[arn])
    alice.save(alice.send(alice.open(f"/admin/catalog/role?name={arn}"), "Remove …"), "that was short")
    refused = carla.save(page)
    assert refused.status_code == 422
    assert f"there is no [[role]] with the ARN {arn}" in text_of(refused)
    assert "With what the catalog says now, this cannot be saved" in text_of(refused)
