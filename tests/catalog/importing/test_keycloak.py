"""Keycloak's realm export."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import DEVELOPER, FILES, READ_ONLY, from_file, given, imported

ADMIN = "arn:aws:iam::999999999999:role/Admin"
AWS = "urn:amazon:webservices"


def realm() -> Any:
    return json.loads((FILES / "keycloak-realm.json").read_text("utf-8"))


def read_realm(found: Any) -> Any:
    return imported("keycloak", json.dumps(found))


def test_groups_have_their_own_roles_their_parents_and_what_is_in_composites() -> None:
    found = from_file("keycloak", "keycloak-realm.json")
    assert given(found) == {"engineering": [DEVELOPER], "platform": [DEVELOPER, ADMIN], "finance": [READ_ONLY]}


def test_two_groups_of_one_name_are_not_mixed() -> None:
    skipped = from_file("keycloak", "keycloak-realm.json").skipped
    assert "/engineering/interns: 2 groups are called 'interns': rename them" in skipped
    assert "/finance/interns: 2 groups are called 'interns': rename them" in skipped


def test_people_with_roles_of_their_own_are_told() -> None:
    assert any(line.startswith("users: roles that people have directly (1 of them)") for line in realm_skipped())


def realm_skipped() -> tuple[str, ...]:
    return from_file("keycloak", "keycloak-realm.json").skipped


def test_what_everybody_has_is_told_and_given_to_nobody() -> None:
    found = realm()
    found["roles"]["realm"][0]["composites"]["client"] = {AWS: ["aws-admin"]}
    result = read_realm(found)
    assert "role 'aws-admin': everybody of the realm has it; make a group of those who need it" in result.skipped
    assert list(given(result)) == ["engineering", "platform", "finance"]


def test_a_realm_role_counts_only_in_the_scope_of_the_client() -> None:
    found = realm()
    name = "arn:aws:iam::111111111111:role/Wide,arn:aws:iam::111111111111:saml-provider/keycloak"
    found["groups"][1]["realmRoles"] = [name]
    result = read_realm(found)
    assert given(result)["finance"] == [READ_ONLY]
    assert any("In the scope of no client" in note for note in result.notes)
    found["scopeMappings"] = [{"client": AWS, "roles": [name]}]
    assert "arn:aws:iam::111111111111:role/Wide" in given(read_realm(found))["finance"]
    del found["scopeMappings"]
    found["clients"][0]["fullScopeAllowed"] = True
    assert "arn:aws:iam::111111111111:role/Wide" in given(read_realm(found))["finance"]


def test_roles_given_by_a_mapper_are_told() -> None:
    found = realm()
    found["clients"][0]["protocolMappers"].append(
        {
            "name": "all",
            "protocolMapper": "saml-hardcode-attribute-mapper",
            "config": {"attribute.name": "https://aws.amazon.com/SAML/Attributes/Role", "attribute.value": "x"},
        }
    )
    told = "mapper 'all': gives roles by saml-hardcode-attribute-mapper, not by groups: map it by hand"
    assert told in read_realm(found).skipped


def test_a_client_that_is_switched_off_gave_nobody_anything() -> None:
    found = realm()
    found["clients"][0]["enabled"] = False
    with pytest.raises(ConfigurationProblems):
        read_realm(found)


def test_composites_that_hold_one_another_come_to_an_end() -> None:
    found = realm()
    found["roles"]["realm"] += [
        {"name": "a", "composites": {"realm": ["b"]}},
        {"name": "b", "composites": {"realm": ["a", "platform-team"]}},
    ]
    found["groups"].append({"name": "loop", "realmRoles": ["a"]})
    assert given(read_realm(found))["loop"] == [ADMIN]


def test_an_export_without_groups_says_so() -> None:
    found = realm()
    del found["groups"]
    assert "has no groups" in read_realm(found).notes[0]


@pytest.mark.parametrize("text", ["{}", "[]", '{"clients": []}', '{"clientId": "x"}', '{"clients": {"a": 1}}', "7"])
def test_what_is_no_realm_with_an_aws_client_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        imported("keycloak", text)


@pytest.mark.parametrize("key", ["groups", "roles", "users", "clientScopes", "scopeMappings", "defaultRole"])
@pytest.mark.parametrize("value", [None, 7, "x", [7], {"a": 7}, [{"name": 7}], [{}]])
def test_parts_of_another_shape_stop_nothing(key: str, value: object) -> None:
    found = realm()
    found["clients"][0]["protocolMappers"].append(found["clientScopes"][0]["protocolMappers"][0])
    found[key] = value
    read_realm(found)
