"""The catalog in force while its database does not answer: nobody waits for it but the one who asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from app.catalog import Catalog, CatalogHistory, Known
from app.catalog.entries import Key, Kind
from app.catalog.versions import Author, Proposal, Versions
from app.database.engine import Database
from app.errors import DatabaseUnavailable
from tests.patience import SECONDS

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACCOUNT = {Key(Kind.ACCOUNT, "111111111111"): {"id": "111111111111", "name": "Development"}}
AWAY = DatabaseUnavailable("away", reason="database.away")


@dataclass(frozen=True, slots=True)
class Hanging(Versions):
    """Answers as long as `hangs` is not set; then it holds whoever asks, until `gives_up`."""

    hangs: Event = field(default_factory=Event)
    asked: Event = field(default_factory=Event)
    gives_up: Event = field(default_factory=Event)

    def newest(self) -> int:
        if self.hangs.is_set():
            self.asked.set()
            self.gives_up.wait(SECONDS)
            raise AWAY
        return Versions.newest(self)

    def entries(self, number: int) -> dict[Key, object]:  # type: ignore[override]  # as narrow as it is used here
        if self.hangs.is_set():
            raise AWAY
        return dict(Versions.entries(self, number))


@pytest.fixture
def versions(tmp_path: Path) -> Hanging:
    found = Hanging(Database(f"sqlite:///{tmp_path}/fedgate.db"), lambda: NOW)
    found.save(Proposal(0, ACCOUNT, Author("carla"), "the first"), lambda *_: None)
    return found


def test_while_one_waits_for_a_database_that_hangs_the_others_go_on(versions: Hanging) -> None:
    catalog = Catalog(CatalogHistory(versions), ["corp"])
    assert catalog.view().version == "1"
    versions.hangs.set()
    with ThreadPoolExecutor(2) as pool:
        try:
            waiting = pool.submit(catalog.view)
            assert versions.asked.wait(SECONDS)
            assert pool.submit(catalog.view).result(SECONDS / 2).version == "1"
            assert not waiting.done()
        finally:
            versions.gives_up.set()
    assert waiting.result().version == "1"


def test_a_provider_that_is_new_counts_while_the_database_is_away(versions: Hanging) -> None:
    known = Known(frozenset({"corp"}), {})
    catalog = Catalog(CatalogHistory(versions), ["corp"], {}, lambda: known)
    assert catalog.view().version == "1"
    versions.hangs.set()
    versions.gives_up.set()
    known = Known(frozenset({"corp", "okta"}), {})
    assert (catalog.view().version, catalog.problems()) == ("1", ())
