"""Finding what happened, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.activity import ActivityBook, Persons, Search
from app.activity.following import Follower
from app.admin.activity.asking import FIELDS, read
from app.core.events import Event, Kind
from app.core.identity import Person
from app.errors import InvalidRequest, NotFound
from tests.activity.journal import KEY, NOW, ROLE, Journal
from tests.world import PRODUCTION

LONG_AGO = NOW - timedelta(days=4000)
READ_ONLY = f"arn:aws:iam::{PRODUCTION}:role/ReadOnly"


@pytest.fixture
def told(journal: Journal, book: ActivityBook) -> ActivityBook:
    """A morning: who did what, numbered by the last digits of the address."""
    journal.signed_in("alice", "192.0.2.1")
    journal.issued("alice", KEY, ROLE, "192.0.2.2")
    journal.signed_in("bob", "192.0.2.13")
    journal.issued("bob", "ASIAI44QH8DHBEXAMPLE", READ_ONLY, "2001:db8::4")
    journal.says(Event(Kind.SIGN_IN_REFUSED, "corp", address="198.51.100.5", facts={"reason": "saml.signature"}))
    journal.says(
        Event(Kind.CREDENTIALS_REFUSED, "corp", "s-bob", "bob", "192.0.2.6", facts={"role": f"{PRODUCTION}/Admin"})
    )
    follower = Follower(journal.directory, book)
    follower.catch_up(LONG_AGO)
    follower.release()
    return book


BOB = Person("corp", "s-bob")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), "6 5 4 13 2 1"),
        (Search(name="ALI"), "2 1"),
        (Search(name="s-bob"), ""),
        (Search(name="o"), "6 4 13"),
        (Search(name="%"), ""),
        (Search(name="b_b"), ""),
        (Search(person=BOB), "6 4 13"),
        (Search(person=Person("other", "s-bob")), ""),
        (Search(role=ROLE), "2"),
        (Search(role="readonly"), "4"),
        (Search(account=PRODUCTION), "6 4"),
        (Search(kind="credentials.issued"), "4 2"),
        (Search(kind="credentials."), "6 4 2"),
        (Search(kind="signin."), "5 13 1"),
        (Search(address="192.0.2.1"), "1"),
        (Search(address="192.0.2.1*"), "13 1"),
        (Search(address="2001:db8:*"), "4"),
        (Search(key_id=KEY), "2"),
        (Search(key_id="ASIAI*"), "4 2"),
        (Search(key_id="ASIAIO*"), "2"),
        (Search(key_id="asiai*"), ""),
        (Search(key_id="*"), "4 2"),
        (Search(reference="REFR-MPLE"), "4 2"),
        (Search(since=NOW + timedelta(seconds=3), until=NOW + timedelta(seconds=5)), "4 13"),
        (Search(name="bob", kind="credentials.", account=PRODUCTION, address="192.0.2.*"), "6"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_a_search_finds_what_it_names_and_nothing_else(told: ActivityBook, search: Search, found: str) -> None:
    last = [entry.address.replace("::", ".").rpartition(".")[2] for entry in told.search(search, 100)]
    assert " ".join(last) == found


def test_paging_shows_everything_once_also_what_happens_in_one_moment(journal: Journal, book: ActivityBook) -> None:
    entries = []
    for n in range(50):
        journal.now = NOW - timedelta(seconds=1 + n // 20)  # many in one microsecond
        journal.issued("alice", f"ASIA{n}")
    follower = Follower(journal.directory, book)
    follower.catch_up(LONG_AGO)
    follower.release()
    after, journal.now = "", NOW
    while page := book.search(Search(name="alice"), 7, after):
        entries += page
        after = page[-1].line
        journal.issued("alice", "ASIAnew")  # what happens meanwhile moves nothing
        follower.catch_up(LONG_AGO)
    follower.release()
    assert len(entries) == len({entry.line for entry in entries}) == 50
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


@pytest.mark.parametrize("line", ["0" * 64, "\0" * 64, "x", "\N{DIGIT ONE}"])
def test_a_page_after_nothing_and_an_event_that_is_none_are_refused(told: ActivityBook, line: str) -> None:
    with pytest.raises(InvalidRequest):
        told.search(Search(), 5, line)
    with pytest.raises(NotFound):
        told.event(line)


@given(typed=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_can_be_asked_can_be_answered(told: ActivityBook, typed: dict[str, str]) -> None:
    asked = read(typed)
    if not asked.problems:
        assert len(told.search(asked.search, 3)) <= 3


def test_an_event_is_shown_with_the_others_of_its_request_and_session(told: ActivityBook) -> None:
    [taken] = told.search(Search(key_id=KEY), 1)
    assert told.event(taken.line) == taken
    assert [entry.kind for entry in told.beside(taken, 10)] == ["credentials.issued", "signin.accepted"]
    with pytest.raises(NotFound):
        told.event("0" * 64)


def test_the_same_handle_of_somebody_else_is_another_session(journal: Journal, book: ActivityBook) -> None:
    for who, provider in (("alice", "corp"), ("alice", "other")):
        journal.says(Event(Kind.SIGNED_IN, provider, f"s-{who}", who, facts={"session": "abc"}))
    follower = Follower(journal.directory, book)
    follower.catch_up(LONG_AGO)
    follower.release()
    for entry in book.search(Search(), 2):
        assert list(book.beside(entry, 10)) == []


def test_people_are_found_by_typing_and_listed_once(told: ActivityBook) -> None:
    persons = Persons(told.database)
    assert [seen.name for seen in persons.find("", LONG_AGO, 10)] == ["bob", "alice"]
    assert [seen.person for seen in persons.find("BO", LONG_AGO, 10)] == [BOB]
    first = persons.signed_in(LONG_AGO, 1)
    assert [seen.name for seen in persons.signed_in(LONG_AGO, 5, first[0].place)] == ["alice"]
    assert persons.signed_in(NOW + timedelta(hours=1), 5) == []


def test_a_remembered_person_has_groups_and_a_forgotten_one_still_a_name(told: ActivityBook) -> None:
    persons = Persons(told.database)
    with told.database.changing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO people (provider, subject, name, groups, attributes, seen_at) "
            "VALUES ('corp', 's-bob', 'Bob', '[\"staff\"]', '{}', '2026-11-22 13:00:00')"
        )
    bob, alice = persons.one(BOB), persons.one(Person("corp", "s-alice"))
    assert bob is not None
    assert alice is not None
    assert (bob.name, bob.groups, alice.name, alice.groups) == ("Bob", ("staff",), "alice", None)
    assert persons.one(Person("corp", "nobody")) is None
    assert [seen.person for seen in persons.find("bob", LONG_AGO, 10)] == [BOB]


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "[]",
        '["2026-11-22","a","b"]',
        '["2026-11-22T00:00:00Z",1,2]',
        '["2026-11-22T00:00:00Z","a","\\u0000"]',
        '["2026-11-22T00:00:00Z","a","\\ud800"]',
        '["0001-01-01T00:00:00+14:00","a","b"]',
        "[" * 9000,
    ],
)
def test_a_place_in_the_list_that_nobody_gave_is_refused(told: ActivityBook, place: str) -> None:
    with pytest.raises(InvalidRequest):
        Persons(told.database).signed_in(LONG_AGO, 5, place)
