"""Changes that nobody saved, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.catalog.drafts import Decision, Drafts, State
from app.catalog.versions import Author, Proposal
from app.core.identity import Person
from app.database.engine import Database
from app.errors import NotFound

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHANGE = Proposal(0, {}, Author("carla"), "")


class Calendar:
    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> datetime:
        return NOW + timedelta(days=self.days)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def drafts(database_url: str, calendar: Calendar) -> Iterator[Drafts]:
    database = Database(database_url)
    yield Drafts(database, calendar)
    database.close()


def test_a_draft_that_nobody_saved_goes_after_a_week(drafts: Drafts, calendar: Calendar) -> None:
    number = drafts.add(CHANGE)
    calendar.days = 7
    drafts.add(CHANGE)
    assert drafts.find(number).state is State.DRAFT
    calendar.days = 8
    drafts.add(CHANGE)
    with pytest.raises(NotFound):
        drafts.find(number)


def test_those_of_one_author_are_found_however_many_others_write(drafts: Drafts) -> None:
    other = Proposal(0, {}, Author("dora", Person("corp", "dora")), "")
    mine = drafts.add(Proposal(0, {}, Author("carla", Person("corp", "carla")), ""))
    for _ in range(2):
        drafts.add(other)
    (found,) = drafts.latest((State.DRAFT,), 1, author=Person("corp", "carla"))
    assert found.id == mine
    assert drafts.latest((State.DRAFT,), 5, before=mine) == []
    (found,) = drafts.latest(list(State), 1, reader=Person("corp", "carla"))  # a whole page of dora's would hide it
    assert found.id == mine
    drafts.decide(found.id, Decision((State.DRAFT,), State.SAVED))
    assert [one.id for one in drafts.latest(list(State), 5, reader=Person("corp", "erin"))] == [mine]


def test_a_number_is_never_given_twice(drafts: Drafts, calendar: Calendar) -> None:
    """The journal says "change 7"."""
    first = drafts.add(CHANGE)
    calendar.days = 30
    assert drafts.add(CHANGE) > first
    with pytest.raises(NotFound):
        drafts.find(first)


def test_one_that_waited_for_weeks_and_came_back_has_a_week_from_then(drafts: Drafts, calendar: Calendar) -> None:
    number = drafts.add(CHANGE)
    drafts.wait(number, "for me", ["a sensitive role"], lambda: None)
    calendar.days = 30
    drafts.decide(number, Decision((State.WAITING,), State.DRAFT, Author("dora"), "It could not be joined."))
    drafts.add(CHANGE)
    assert drafts.find(number).state is State.DRAFT
    for calendar.days in (34, 38):
        drafts.add(CHANGE)
    with pytest.raises(NotFound):
        drafts.find(number)
