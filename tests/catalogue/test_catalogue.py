"""Every row of the catalogue as a test, with its id as the name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.catalogue.homes import open_stage
from tests.catalogue.row import Row
from tests.catalogue.stage import Stage
from tests.catalogue.table import HOMES, all_rows, play
from tests.world import World


@pytest.fixture(scope="module")
def stage(world: World) -> Iterator[Stage]:
    with open_stage(world, HOMES) as found:
        yield found


@pytest.mark.parametrize("row", all_rows(), ids=lambda row: row.id)
def test_catalogue(row: Row, stage: Stage) -> None:
    result = play(row, stage)
    assert not result.wrong, result.line
