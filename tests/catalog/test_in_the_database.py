"""A gateway whose catalog is in the database: what is saved there counts from the next request on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from app.audit import JournalFiles
from app.catalog.__main__ import run
from app.catalog.editing import Editing
from app.catalog.known import Known
from app.catalog.versions import Versions
from app.database.engine import Database
from tests.office import RULES, Office, open_office
from tests.world import ACCOUNTS_AND_ROLES, READ_ONLY, UPDATE_APP, World

STAFF_ONLY = ACCOUNTS_AND_ROLES + RULES[RULES.index('[[rule]]\nid = "staff"') :]


@pytest.fixture
def office(world: World, database_url: str) -> Iterator[Office]:
    with open_office(world, environment={"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": database_url}) as found:
        yield found


def test_a_role_is_given_taken_and_given_again_without_a_restart(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    _, tokens = office.terminal("alice")
    assert roles(office, tokens.access) == set()

    editing = Editing(
        Versions(Database(database_url), lambda: datetime.now(UTC)),
        lambda: Known(frozenset({"corp-oidc"}), {}),
        JournalFiles(office.gateway.folder / "audit", lambda: datetime.now(UTC)),
    )
    file = tmp_path / "catalog.toml"
    file.write_text(ACCOUNTS_AND_ROLES + RULES)
    run(editing, ["apply", str(file), "the first"])
    assert UPDATE_APP in roles(office, tokens.access)

    file.write_text(STAFF_ONLY)
    run(editing, ["apply", str(file), "developers are done"])
    assert UPDATE_APP not in roles(office, tokens.access)
    assert READ_ONLY in roles(office, tokens.access)

    run(editing, ["restore", "1", "they are not"])
    assert UPDATE_APP in roles(office, tokens.access)


def roles(office: Office, token: str) -> set[str]:
    answer = requests.get(f"{office.url}/api/v1/roles", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    answer.raise_for_status()
    return {role["arn"] for role in answer.json()["roles"]}
