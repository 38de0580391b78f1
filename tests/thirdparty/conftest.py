from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.thirdparty.owners import Partnership, open_partnership


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fedgate.db"


@pytest.fixture
def partnership(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Partnership]:
    with open_partnership(database_url, redis_url, tmp_path, monkeypatch) as opened:
        yield opened
