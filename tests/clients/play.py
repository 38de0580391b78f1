"""Plays a way: every client through every situation, all clients of one situation at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from tests.clients.cells import Cell, Event, cell
from tests.clients.clients import Client
from tests.clients.stage import Stage
from tests.clients.way import Guest, Way, expected
from tests.world import READ_ONLY, UPDATE_APP

T = TypeVar("T")
R = TypeVar("R")
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Lost:
    """Whoever did not even get to the first use, and why."""

    client: Client
    why: str


def play(stage: Stage, way: Way, clients: Sequence[Client]) -> list[Cell]:
    with ExitStack() as ends:
        arrived = _at_once(clients, partial(_arrived, stage, way))
        guests = [one for one in arrived if isinstance(one, Guest)]
        for guest in guests:
            ends.callback(guest.leave)
        lost = [one for one in arrived if isinstance(one, Lost)]
        cells = [Cell(way.name, one.client, event, "", wrong=one.why) for one in lost for event in Event]
        for event in Event:
            with _happening(stage, way, event, guests):
                cells += _at_once(guests, partial(_cell, way, event))
    order = [client.key for client in clients]
    return sorted(cells, key=lambda one: order.index(one.client.key))


@contextmanager
def _happening(stage: Stage, way: Way, event: Event, guests: Sequence[Guest]) -> Iterator[None]:
    """What is true while the clients are asked."""
    machines = [guest.machine for guest in guests]
    match event:
        case Event.FIRST:
            yield
        case Event.REFRESH:
            stage.an_hour_passes(machines, tokens=way.renews)
            yield
        case Event.DENIED:
            stage.take_away()
            yield
            stage.give_back()
        case Event.REVOKED:
            for guest in guests:
                stage.sign_out(guest.browser)
            # Keys that AWS has given live on, whatever the gateway says: what has ended shows when the next are due.
            stage.an_hour_passes(machines, tokens=False)
            yield


def _arrived(stage: Stage, way: Way, client: Client) -> Guest | Lost:
    try:
        return way.arrive(stage, client)
    except Exception as problem:  # it belongs into the table, whatever it is
        return Lost(client, f"did not get there: {type(problem).__name__}: {problem}")


def _cell(way: Way, event: Event, guest: Guest) -> Cell:
    said = guest.machine.ask(READ_ONLY if event is Event.DENIED else UPDATE_APP)
    client = guest.machine.client
    return cell(way.name, client, event, said, expected(way, event, client), way.remark(client))


def _at_once(things: Sequence[T], do: Callable[[T], R]) -> list[R]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(do, things))
