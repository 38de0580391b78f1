from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.activity import ActivityBook
from app.database.engine import Database
from tests.activity.journal import Journal
from tests.database.conftest import database_url

__all__ = ["database_url"]


@pytest.fixture
def book(database_url: str) -> Iterator[ActivityBook]:
    database = Database(database_url)
    yield ActivityBook(database)
    database.close()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "audit")
