"""The matrix is played once for all of its tests, way by way, and its table stands at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.clients.cells import Cell, Event, table
from tests.clients.clients import Client
from tests.clients.play import play
from tests.clients.stage import Stage, open_stage
from tests.clients.way import Way
from tests.world import World

PLAYED = pytest.StashKey[list[Cell]]()


@dataclass(slots=True)
class Matrix:
    """A way is played when its first cell is looked at."""

    stage: Stage
    clients: list[Client]
    cells: list[Cell]
    _played: set[str] = field(default_factory=set)

    def cell(self, way: Way, client: Client, event: Event) -> Cell:
        if way.name not in self._played:
            self._played.add(way.name)
            self.cells += play(self.stage, way, self.clients)
        return next(one for one in self.cells if (one.way, one.client.key, one.event) == (way.name, client.key, event))


@pytest.fixture(scope="package")
def stage(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(world, tmp_path_factory.mktemp("clients")) as opened:
        yield opened


@pytest.fixture(scope="package")
def cells(pytestconfig: pytest.Config) -> list[Cell]:
    """Every cell of the run; the table is made of them."""
    return pytestconfig.stash.setdefault(PLAYED, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    cells = config.stash.get(PLAYED, [])
    if cells:
        terminalreporter.section("real clients")
        for line in table(cells):
            terminalreporter.write_line(line)
