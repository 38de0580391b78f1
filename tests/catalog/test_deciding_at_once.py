"""Several administrators decide about one change at once: one of them does, and the journal names no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from app.audit import JournalFiles
from app.catalog.drafts import Drafts, State
from app.catalog.editing import Editing, Origin
from app.catalog.entries import entries
from app.catalog.four_eyes import FourEyes
from app.catalog.known import Known
from app.catalog.shape import CatalogShape
from app.catalog.versions import Author, Proposal, Versions
from app.core.identity import Identity
from app.database.engine import Database
from app.errors import DatabaseUnavailable, InvalidRequest

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ROLE = "arn:aws:iam::999999999999:role/Admin"
CARLA = Identity("corp", "carla", "carla@example.test", frozenset({"Admins"}), NOW, NOW)
OTHERS = [replace(CARLA, subject=name, name=f"{name}@example.test", groups=frozenset()) for name in ("alice", "dora")]
SHAPE = {
    "account": [{"id": "999999999999", "name": "Production"}],
    "role": [{"arn": ROLE, "method": "assume_role"}],
    "rule": [{"id": "admins", "provider": "corp", "groups": ["Admins"], "roles": [ROLE]}],
}


@pytest.fixture
def four_eyes(database_url: str, tmp_path: Path) -> Iterator[FourEyes]:
    database = Database(database_url)
    known = Known(frozenset({"corp"}), {})
    editing = Editing(Versions(database, lambda: NOW), lambda: known, JournalFiles(tmp_path / "audit", lambda: NOW))
    yield FourEyes(editing, Drafts(database, lambda: NOW), lambda: NOW)
    database.close()


def test_the_journal_names_only_who_decided(four_eyes: FourEyes, tmp_path: Path) -> None:
    wanted = entries(CatalogShape.model_validate(SHAPE))
    number = four_eyes.drafts.add(Proposal(0, wanted, Author(CARLA.name, CARLA.person), ""))
    assert four_eyes.save(number, CARLA, "for me", Origin()) is None
    alice, dora = OTHERS
    deeds: list[Callable[[], object]] = [
        lambda: four_eyes.approve(number, alice, Origin()),
        lambda: four_eyes.refuse(number, alice, "no", Origin()),
        lambda: four_eyes.approve(number, dora, Origin()),
        lambda: four_eyes.refuse(number, dora, "no", Origin()),
        lambda: four_eyes.withdraw(number, CARLA, Origin()),
        lambda: four_eyes.break_glass(number, CARLA, "now", Origin()),
    ]
    together = Barrier(len(deeds), timeout=120)

    def done(deed: Callable[[], object]) -> bool:
        together.wait()
        try:
            deed()
        except (InvalidRequest, DatabaseUnavailable):  # the second: somebody who waited for too long
            return False
        return True

    with ThreadPoolExecutor(len(deeds)) as pool:
        assert sum(pool.map(done, deeds)) == 1
    became = four_eyes.drafts.find(number)
    lines = [
        json.loads(line)["kind"] for file in (tmp_path / "audit").iterdir() for line in file.open(encoding="utf-8")
    ]
    decided = {
        State.APPROVED: ["catalog.approved", "catalog.changed"],
        State.REFUSED: ["catalog.refused"],
        State.WITHDRAWN: ["catalog.withdrawn"],
        State.UNREVIEWED: ["catalog.broken_glass", "catalog.changed"],
    }
    assert [kind for kind in lines if kind.startswith("catalog.")] == ["catalog.proposed", *decided[became.state]]
