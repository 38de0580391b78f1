"""What is imported, with the catalog that there is."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalog.entries import Entries, Key, Kind
from app.catalog.importing import Joined, joined
from app.catalog.reading import read_entries
from app.core.roles import Method
from tests.catalog.importing.reading import DEVELOPER, READ_ONLY, from_file, imported
from tests.patience import without_waiting

DEVELOPMENT, PRODUCTION = (Key(Kind.ACCOUNT, number) for number in ("111111111111", "999999999999"))
ROLE = Key(Kind.ROLE, DEVELOPER)
RULE = Key(Kind.RULE, "list-developers")


def bring(csv: str, present: Entries, method: Method = Method.SAML) -> Joined:
    return joined(imported("csv", f"group,rolearn\n{csv}\n"), present, method)


def account(key: Key = DEVELOPMENT, **fields: object) -> Entries:
    return {key: {"id": key.name, "name": "Ours", **fields}}


def rule(**fields: object) -> dict[str, Any]:
    return {"id": RULE.name, "provider": "corp", "groups": ["developers"], "roles": [DEVELOPER], **fields}


ALL = [
    ("consoleme", "consoleme-roles.json", Method.ASSUME_ROLE),
    ("consoleme", "consoleme-dynamic.yaml", Method.ASSUME_ROLE),
    ("consoleme", "consoleme-cache.json", Method.SAML),
    ("adfs", "adfs-rules.txt", Method.SAML),
    ("adfs", "adfs-one-account.txt", Method.SAML),
    ("keycloak", "keycloak-realm.json", Method.SAML),
    ("aws-auth", "aws-auth.yaml", Method.SAML),
    ("aws-auth", "list.yaml", Method.SAML),
    ("csv", "list.csv", Method.SAML),
]


@pytest.mark.parametrize(("name", "file", "method"), ALL)
def test_what_is_imported_into_nothing_can_be_used_as_it_is(name: str, file: str, method: Method) -> None:
    groups = ("AWS-111111111111-Developer", "AWS-Dev")
    found = joined(from_file(name, file, groups), {}, method)
    view = read_entries(found.entries, "1", ["corp"])
    assert view.roles
    assert {role.method for role in view.roles.values()} == {method}
    assert any("New accounts" in note for note in found.notes)


@pytest.mark.parametrize(("name", "file", "method"), ALL)
def test_a_second_import_changes_nothing(name: str, file: str, method: Method) -> None:
    once = joined(from_file(name, file), {}, method)
    twice = joined(from_file(name, file), once.entries, method)
    assert twice.entries == once.entries


def test_a_known_account_keeps_its_name_and_says_how_to_get_at_its_roles() -> None:
    present = account(defaults={"method": "assume_role"})
    found = bring(f"developers,{DEVELOPER}", present)
    assert found.entries[DEVELOPMENT] == present[DEVELOPMENT]
    assert found.entries[ROLE] == {"arn": DEVELOPER}
    assert found.notes == ()


def test_a_role_says_it_itself_where_its_account_does_not() -> None:
    role = bring(f"developers,{DEVELOPER}", account()).entries[ROLE]
    assert role["method"] == "saml"
    assert role["provider_arn"] == "arn:aws:iam::111111111111:saml-provider/fedgate"
    zone = account(zone="third-party")
    assert bring(f"developers,{DEVELOPER}", zone).entries[ROLE]["method"] == "assume_role"


def test_what_the_catalog_says_of_a_role_stays() -> None:
    role = {"arn": DEVELOPER, "method": "assume_role", "label": "Dev", "console": False, "require_mfa": True}
    assert bring(f"developers,{DEVELOPER}", {**account(), ROLE: role}).entries[ROLE] == role


def test_nothing_is_removed_and_a_rule_gains_roles() -> None:
    other = Key(Kind.RULE, "others")
    present = {**account(), ROLE: {"arn": DEVELOPER}, RULE: rule(note="mine"), other: {"id": "others"}}
    found = bring(f"developers,{READ_ONLY}", present)
    assert found.entries[RULE] == rule(note="mine", roles=[DEVELOPER, READ_ONLY])
    assert present.keys() <= found.entries.keys()


@pytest.mark.parametrize("altered", [{"groups": ["developers", "visitors"]}, {"groups": [], "group_pattern": "x"}])
def test_a_rule_that_was_altered_for_other_people_gains_nothing(altered: dict[str, object]) -> None:
    present = {**account(), RULE: rule(**altered)}
    found = bring(f"developers,{READ_ONLY}", present)
    assert found.entries[RULE] == present[RULE]
    assert any("for something else" in line for line in found.skipped)


def test_groups_of_one_name_at_two_providers_have_a_rule_each() -> None:
    present = {**account(), RULE: rule(provider="okta")}
    found = bring(f"developers,{READ_ONLY}", present)
    assert found.entries[RULE] == present[RULE]
    other = found.entries[Key(Kind.RULE, "list-developers.corp")]
    assert (other["id"], other["provider"], other["roles"]) == ("list-developers.corp", "corp", [READ_ONLY])
    assert bring(f"developers,{READ_ONLY}", found.entries).entries == found.entries


@pytest.mark.parametrize(
    ("arn", "present", "why"),
    [
        ("arn:aws:iam::111111111111:role/developer", {ROLE: {"arn": DEVELOPER}}, "only one role of this name"),
        ("arn:aws:iam::111111111111:role/x/Developer", {ROLE: {"arn": DEVELOPER}}, "only one role of this name"),
        (DEVELOPER, account(partition="aws-cn"), "in the partition aws-cn"),
        ('"arn:aws:iam::111111111111:role/a,b"', {}, "comma"),
    ],
)
def test_what_the_catalog_could_not_hold_is_left_out_with_its_rule(arn: str, present: Entries, why: str) -> None:
    found = bring(f"ops,{arn}", present)
    assert found.entries == present
    (told,) = found.skipped
    assert why in told


def test_a_comma_is_no_trouble_for_other_methods() -> None:
    found = bring('ops,"arn:aws:iam::111111111111:role/a,b"', {}, Method.ASSUME_ROLE)
    assert read_entries(found.entries, "1", ["corp"]).roles


def test_who_had_the_cli_only_gets_no_role_that_the_catalog_has_for_the_console() -> None:
    audit = "arn:aws:iam::999999999999:role/Audit"
    present = {**account(PRODUCTION), Key(Kind.ROLE, audit): {"arn": audit, "method": "assume_role"}}
    found = joined(from_file("consoleme", "consoleme-dynamic.yaml"), present, Method.SAML)
    assert found.entries[Key(Kind.ROLE, audit)] == present[Key(Kind.ROLE, audit)]
    assert found.entries[Key(Kind.RULE, "consoleme-auditors")]["roles"] == [READ_ONLY]
    assert any(audit in line for line in found.skipped)


def test_ten_thousand_rules_are_joined_while_somebody_waits() -> None:
    lines = "\n".join(f"team{n}@example.com,arn:aws:iam::111111111111:role/Team{n % 1000}" for n in range(10_000))
    with without_waiting(60):
        once = bring(lines, {})
        twice = bring(lines, once.entries)
    assert twice.entries == once.entries
    assert len(once.entries) == 1 + 1_000 + 10_000
