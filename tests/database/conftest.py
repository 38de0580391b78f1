from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.postgresql import PostgreSql


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database: each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/fedgate.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.new_database()
