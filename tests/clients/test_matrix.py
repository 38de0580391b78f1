"""Every client in every way, in every situation: one test for each cell of the table."""

from __future__ import annotations

import platform

import pytest

from tests.clients.cells import Cell, Event
from tests.clients.clients import Client, everyone
from tests.clients.conftest import Matrix
from tests.clients.stage import Stage
from tests.clients.way import Way
from tests.clients.ways import WAYS

_WAITS = {"debian": pytest.mark.needs("awscli")}
EVERYONE = everyone()
CLIENTS = [pytest.param(one, id=one.key, marks=_WAITS.get(one.key, ())) for one in EVERYONE]


@pytest.fixture(scope="module")
def matrix(stage: Stage, cells: list[Cell]) -> Matrix:
    return Matrix(stage, [client for client in EVERYONE if client.program is not None], cells)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name.replace(" ", "_"))
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("event", list(Event), ids=lambda event: event.replace(" ", "_"))
def test_the_client_does_what_the_table_says(matrix: Matrix, way: Way, client: Client, event: Event) -> None:
    if client.program is None:
        pytest.skip(_why_not(client))
    assert matrix.cell(way, client, event).wrong == ""


def _why_not(client: Client) -> str:
    """Missing although nobody has to be asked for it is a failure, not a wait."""
    if client.key == "newest" and platform.machine() != "x86_64":
        return "AWS's bundle of the newest CLI is for x86-64 only"
    if client.key == "debian":
        return "this system has no awscli of its own"
    pytest.fail(f"{client.name} is not installed: tests/install", pytrace=False)
