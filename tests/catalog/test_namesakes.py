"""One human being who signs in by two providers is two people here, and must not be their own second person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.audit import JournalFiles
from app.catalog.drafts import Drafts
from app.catalog.editing import Editing, Origin
from app.catalog.entries import entries
from app.catalog.four_eyes import FourEyes
from app.catalog.known import Known
from app.catalog.shape import CatalogShape
from app.catalog.versions import Author, Proposal, Versions
from app.core.identity import Identity
from app.database.engine import Database
from app.errors import InvalidRequest

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ROLE = "arn:aws:iam::999999999999:role/Admin"
CARLA = Identity("corp", "carla", "carla@example.test", frozenset({"Admins"}), NOW, NOW)
TWIN = replace(CARLA, provider="corp-oidc", subject="7", name="Carla@example.test")
ALICE = replace(CARLA, subject="alice", name="alice@example.test", groups=frozenset({"Others"}))


@dataclass(frozen=True, slots=True)
class Room:
    four_eyes: FourEyes

    def begun(self) -> int:
        """Carla, of `corp`, gives a role to a group of `corp-oidc`."""
        shape = {
            "account": [{"id": "999999999999", "name": "Production"}],
            "role": [{"arn": ROLE, "method": "assume_role"}],
            "rule": [{"id": "admins", "provider": "corp-oidc", "groups": ["Admins"], "roles": [ROLE]}],
        }
        wanted = entries(CatalogShape.model_validate(shape))
        return self.four_eyes.drafts.add(Proposal(0, wanted, Author(CARLA.name, CARLA.person), "", None))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    database = Database(f"sqlite:///{tmp_path}/fedgate.db")
    known = Known(frozenset({"corp", "corp-oidc"}), {})
    editing = Editing(Versions(database, lambda: NOW), lambda: known, JournalFiles(tmp_path / "audit", lambda: NOW))

    def namesakes(who: Identity) -> list[Identity]:
        return [TWIN] if who.person == CARLA.person else []

    yield Room(FourEyes(editing, Drafts(database, lambda: NOW), lambda: NOW, namesakes))
    database.close()


def test_what_her_other_sign_in_would_gain_waits_for_a_second_person(room: Room) -> None:
    number = room.begun()
    assert room.four_eyes.save(number, CARLA, "for them", Origin()) is None
    assert "By corp-oidc" in room.four_eyes.drafts.find(number).needs[0]


def test_her_other_sign_in_is_no_second_person(room: Room) -> None:
    number = room.begun()
    room.four_eyes.save(number, CARLA, "for them", Origin())
    stranger = replace(TWIN, groups=frozenset({"Ghosts"}))
    with pytest.raises(InvalidRequest, match="your own change"):
        room.four_eyes.approve(number, stranger, Origin())
    assert room.four_eyes.approve(number, ALICE, Origin()).number == 1
