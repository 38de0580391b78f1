"""Who is remembered, with what, and for how long; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from app.core.identity import Identity, People, Person
from app.database.engine import Database
from app.database.tables import people
from app.people import PeopleBook
from tests.core.people import NOW, person

MONTH = timedelta(days=30)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(database_url: str, clock: Clock) -> Iterator[PeopleBook]:
    database = Database(database_url)
    yield PeopleBook(database, clock, MONTH, watch=clock.monotonic)
    database.close()


@pytest.fixture
def quick(tmp_path: Path, clock: Clock) -> Iterator[PeopleBook]:
    """On SQLite alone, where the two kinds cannot differ."""
    database = Database(f"sqlite:///{tmp_path}/fedgate.db")
    yield PeopleBook(database, clock, MONTH, watch=clock.monotonic)
    database.close()


def seen(book: PeopleBook, *identities: Identity) -> None:
    for identity in identities:
        book.note(identity)


def test_a_name_is_the_same_whatever_the_case_of_letters_beyond_a_to_z(quick: PeopleBook) -> None:
    """SQLite by itself knows no others: Jörg and JÖRG, by two providers, would have passed for two human beings."""
    ana, other = person("ana", name="Ärmel Jörg"), person("ana", provider="okta", name="ÄRMEL JÖRG")
    seen(quick, ana, other)
    for typed in ("Ärmel", "ärmel", "jÖRG"):
        assert len(quick.like(typed)) == 2, typed
    assert [one.person for one in quick.namesakes(ana)] == [other.person]


def test_somebody_is_remembered_as_the_provider_said_and_with_nothing_more(book: PeopleBook) -> None:
    ana = person("ana", "dev", "größe", attributes={"department": ("Payments", "x")}, email="ana@example.test")
    seen(book, ana)
    (found,) = book.all()
    assert (found.person, found.name, found.groups) == (ana.person, "ana@example.test", {"dev", "größe"})
    assert (found.attributes, found.seen_at) == ({"department": ("Payments", "x")}, NOW)
    assert book.find(ana.person) == found
    assert book.find(Person("okta", ana.subject)) is None
    assert {column.name for column in people.columns} == {
        "provider",
        "subject",
        "name",
        "groups",
        "attributes",
        "seen_at",
    }


def test_who_comes_again_with_other_groups_has_those(book: PeopleBook, clock: Clock) -> None:
    seen(book, person("ana", "dev"))
    clock.time += timedelta(minutes=1)
    seen(book, person("ana", "ops"))
    (found,) = book.all()
    assert (found.groups, found.seen_at) == ({"ops"}, clock.time)


def test_who_comes_again_unchanged_is_written_once_an_hour(quick: PeopleBook, clock: Clock) -> None:
    for minutes, written in ((0, 0), (59, 0), (61, 61), (90, 61), (122, 122)):
        clock.time = NOW + timedelta(minutes=minutes)
        seen(quick, person("ana", "dev"))
        assert quick.all()[0].seen_at == NOW + timedelta(minutes=written)


def test_who_does_not_come_back_is_forgotten(book: PeopleBook, clock: Clock) -> None:
    seen(book, person("ana", "dev"))
    clock.time += timedelta(days=20)
    seen(book, person("ben", "dev"))
    clock.time += timedelta(days=10)
    assert [one.person.subject for one in book.all()] == ["subject-of-ben"]  # before the sweep, too
    assert book.find(person("ana").person) is None
    assert (book.forget(), book.forget()) == (1, 0)
    assert book.count() == 1


def test_nobody_is_remembered_where_the_operator_says_so(quick: PeopleBook, clock: Clock, tmp_path: Path) -> None:
    seen(quick, person("ana", "dev"))
    nobody = PeopleBook(Database(f"sqlite:///{tmp_path}/fedgate.db"), clock, timedelta(0))
    seen(nobody, person("ben", "dev"))
    assert list(nobody.all()) == []
    assert nobody.forget() == 1  # and who was, is forgotten


def test_the_list_follows_the_table(quick: PeopleBook, clock: Clock, tmp_path: Path) -> None:
    other = PeopleBook(Database(f"sqlite:///{tmp_path}/fedgate.db"), clock, MONTH)  # of another worker
    seen(quick, person("ana", "dev"), person("ben", "dev"))
    assert [one.name for one in quick.all()] == ["ana@example.test", "ben@example.test"]
    clock.time += timedelta(hours=2)
    seen(other, person("ana", "ops"), person("a", "dev"))
    assert [(one.name, *one.groups) for one in quick.all()] == [
        ("a@example.test", "dev"),
        ("ana@example.test", "ops"),
        ("ben@example.test", "dev"),
    ]
    with quick._database.changing() as connection:
        connection.execute(delete(people).where(people.c.subject == "subject-of-a"))
    assert [one.name for one in quick.all()] == ["ana@example.test", "ben@example.test"]
    clock.time += MONTH - timedelta(hours=1)
    assert [one.name for one in quick.all()] == ["ana@example.test"]


def test_people_are_found_by_typing_parts_of_their_names(book: PeopleBook) -> None:
    seen(book, person("ana.maria"), person("ben", provider="okta"), person("100%", "dev"), person("a_b"))
    assert [one.name for one in book.like("MARIA ana")] == ["ana.maria@example.test"]
    assert [one.name for one in book.like("%")] == ["100%@example.test"]
    assert [one.name for one in book.like("_b")] == ["a_b@example.test"]
    assert [one.person.provider for one in book.like("subject-of-ben")] == ["okta"]
    assert len(book.like("")) == 4
    assert len(book.like("", most=2)) == 2


def test_groups_are_offered_with_how_many_have_them(book: PeopleBook, clock: Clock) -> None:
    seen(book, person("ana", "Dev", "Ops"), person("ben", "Dev"), person("eve", "dev", provider="okta"))
    assert [(one.provider, one.name, one.people) for one in book.groups_like("de")] == [
        ("corp", "Dev", 2),
        ("okta", "dev", 1),
    ]
    assert [one.name for one in book.groups_like("", "okta")] == ["dev"]
    assert [one.name for one in book.groups_like("", most=1)] == ["Dev"]
    seen(book, person("new", "New"))
    clock.time += timedelta(minutes=2)
    assert [one.name for one in book.groups_like("new")] == ["New"]


def test_administrators_are_counted(quick: PeopleBook) -> None:
    seen(quick, person("ana", "admins", "dev"), person("ben", "dev"), person("eve", "admins", provider="okta"))
    assert quick.count_of([People("corp", frozenset({"admins", "root"}))]) == 1


def test_names_that_no_database_takes_keep_nobody_out(book: PeopleBook) -> None:
    seen(book, person("ana", "a\0b", "\udcff", name="x\0\udcff" + "y" * 400))
    seen(book, person("ben", subject="s" * 257), person("eve", subject="\udcff"), person("kim", subject="a\0"))
    (found,) = book.all()
    assert [book.find(Person("corp", name)) for name in ("a\0", "\udcff", "s" * 257)] == [None] * 3
    assert book.like("a\0b") == []
    assert (found.name[:3], len(found.name), found.groups) == ("x??", 256, {"a\0b", "\udcff"})


def test_the_same_person_at_eight_doors_at_once_is_one(book: PeopleBook) -> None:
    book.count()
    with ThreadPoolExecutor(8) as doors:
        list(doors.map(lambda n: book.note(person("ana", f"g{n}")), range(16)))
    assert book.count() == 1


def test_a_database_that_is_away_is_counted_and_not_waited_for_again(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("no folder")
    missed: list[int] = []
    asked: list[int] = []

    class Away(Database):
        def prepare(self) -> None:
            asked.append(1)
            super().prepare()

    book = PeopleBook(
        Away(f"sqlite:///{tmp_path}/file/x.db"), clock, MONTH, lambda: missed.append(1), watch=clock.monotonic
    )
    for _ in range(3):
        book.note(person("ana", "dev"))
    assert (len(missed), len(asked)) == (3, 1)
    clock.time += timedelta(minutes=1)
    book.note(person("ana", "dev"))
    assert len(asked) == 2


def test_nothing_of_a_request_stands_in_the_table(quick: PeopleBook) -> None:
    seen(quick, person("ana", "dev", sid="the-session", email="ana@example.test"))
    with quick._database.reading() as connection:
        row = connection.execute(select(people)).one()
    assert "the-session" not in str(row)


def test_namesakes_are_other_people_who_are_called_so(book: PeopleBook) -> None:
    ana = person("ana", "dev")
    twin = replace(ana, provider="other", name=ana.name.upper(), groups=frozenset({"admins"}))
    seen(book, ana, twin, replace(person("bob", "dev"), name="somebody else"))
    assert [one.person for one in book.namesakes(ana)] == [twin.person]
    assert book.namesakes(replace(ana, name="")) == []
    assert book.namesakes(replace(ana, name="a\0b")) == []
