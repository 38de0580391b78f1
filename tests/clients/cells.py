"""One client in one way in one situation: what it must do, what it did, and the table of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.clients.clients import Client, Said, version

_REFERENCE = re.compile(r"reference [A-Z0-9]{4}-[A-Z0-9]{4}")


class Event(StrEnum):
    FIRST = "first use"
    REFRESH = "refresh"
    DENIED = "denied"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Caller:
    """It works, and AWS takes the client for this person in this role."""

    role_name: str
    person: str

    def verdict(self, said: Said) -> str:
        """What is in the table. Raises AssertionError with what is wrong."""
        assert said.code == 0, f"ended with {said.code}: {said.shown}"
        who = f":assumed-role/{self.role_name}/{self.person}@example.test-"
        assert who in said.out, f"AWS says {said.out.strip()!r}"
        return "ok"


@dataclass(frozen=True, slots=True)
class Told:
    """It fails, and the person reads each of these words."""

    words: tuple[str, ...]

    def verdict(self, said: Said) -> str:
        assert said.code != 0, f"it works: {said.out.strip()!r}"
        missing = [word for word in self.words if word not in said.shown]
        assert not missing, f"{missing[0]!r} is not shown: {said.shown}"
        return "told"


@dataclass(frozen=True, slots=True)
class Hidden:
    """It fails, and the client keeps the reason to itself: nothing that a gateway could do about."""

    words: str

    def verdict(self, said: Said) -> str:
        assert said.code != 0, f"it works: {said.out.strip()!r}"
        assert self.words in said.shown, f"another sentence than is known of this client: {said.shown}"
        return "hidden"


Expected = Caller | Told | Hidden


@dataclass(frozen=True, slots=True)
class Cell:
    """`verdict` is empty where something is `wrong`; `shown` is what the person saw of a failure; `remark` is what this
    client cannot do by itself in this way."""

    way: str
    client: Client
    event: Event
    verdict: str
    shown: str = ""
    wrong: str = ""
    remark: str = ""


def cell(way: str, client: Client, event: Event, said: Said, expected: Expected, remark: str) -> Cell:
    try:
        verdict = expected.verdict(said)
    except AssertionError as wrong:
        return Cell(way, client, event, "", said.shown, str(wrong), remark)
    return Cell(way, client, event, verdict, said.shown if said.code else "", remark=remark)


def table(cells: Sequence[Cell]) -> Iterable[str]:
    """Lines: for each way the clients and their situations, then what people read."""
    yield f"{'':<34}" + "".join(f"{event:<11}" for event in Event).rstrip()
    for way in dict.fromkeys(one.way for one in cells):
        yield way
        of_way = [one for one in cells if one.way == way]
        for client in dict.fromkeys(one.client for one in of_way):
            row = {one.event: one for one in of_way if one.client == client}
            label = f"  {client.name} {version(client)}"
            verdicts = "".join(f"{row[event].verdict or 'WRONG':<11}" for event in Event)
            yield f"{label:<34}{verdicts}{row[Event.FIRST].remark}".rstrip()
    yield from _read(cells)


def _read(cells: Sequence[Cell]) -> Iterable[str]:
    """The sentences, each once, with who shows them."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for one in cells:
        if one.shown or one.wrong:
            sentence = _REFERENCE.sub("reference ...", one.wrong or one.shown)
            told.setdefault((one.way, one.event, sentence), []).append(one.client.name)
    for (way, event, sentence), names in told.items():
        yield ""
        yield f"{way}, {event}: {', '.join(names)}"
        yield f"    {sentence}"
