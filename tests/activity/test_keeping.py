"""The rounds that keep the book near the journal, and a journal that is a stream."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from app.activity import ActivityBook, ActivityRounds, Pending, Search
from app.audit import JournalStream
from app.core.events import Event, Kind
from app.database.engine import Database
from tests.activity.journal import KEY, NOW, Journal

KEPT = timedelta(days=400)


def event(key: str = KEY) -> Event:
    return Event(Kind.CREDENTIALS_ISSUED, "corp", "s-alice", "alice", facts={"access_key_id": key})


def rounds(book: ActivityBook, journal: Journal | None, pending: Pending | None = None) -> ActivityRounds:
    clock = (lambda: NOW) if journal is None else (lambda: journal.now)
    directory = None if journal is None else journal.directory
    return ActivityRounds(book, directory, pending or Pending(), KEPT, clock, lambda: 0.5)


def keys(book: ActivityBook) -> list[str]:
    return [entry.access_key_id for entry in book.search(Search(), 100)][::-1]


def test_a_stream_is_written_first_and_searched_after_the_next_round(book: ActivityBook) -> None:
    stream, pending = io.StringIO(), Pending()
    journal = JournalStream(lambda: NOW, stream, pending.hear)
    keeping = rounds(book, None, pending)
    journal.record(event("ASIA1"))
    journal.record(event("ASIA2"))
    assert [json.loads(line)["n"] for line in stream.getvalue().splitlines()] == [1, 2]
    assert keys(book) == []
    keeping.make_one()
    assert keys(book) == ["ASIA1", "ASIA2"]


def test_what_waits_of_a_stream_is_written_at_the_end(book: ActivityBook) -> None:
    pending = Pending()
    keeping = rounds(book, None, pending)
    JournalStream(lambda: NOW, io.StringIO(), pending.hear).record(event())
    keeping.stop()
    assert keys(book) == [KEY]


def test_a_stream_whose_database_is_away_is_never_in_the_way(
    book: ActivityBook, caplog: pytest.LogCaptureFixture
) -> None:
    pending = Pending(most=3)
    journal = JournalStream(lambda: NOW, io.StringIO(), pending.hear)
    with book.database.changing() as connection:
        connection.exec_driver_sql("ALTER TABLE activity RENAME TO away")
    keeping = rounds(book, None, pending)
    for n in range(5):
        journal.record(event(f"ASIA{n}"))
        keeping.make_one()
    with book.database.changing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO activity")
    with caplog.at_level(logging.INFO, "fedgate.activity"):
        keeping.make_one()
    assert keys(book) == ["ASIA0", "ASIA1", "ASIA2"]
    assert "2 lines of the journal were not kept" in caplog.text


def test_a_database_that_is_away_is_told_once_and_then_that_it_is_back(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "place").write_text("not a folder yet")
    book = ActivityBook(Database(f"sqlite:///{tmp_path}/place/fedgate.db"))
    journal.issued("alice")
    keeping = rounds(book, journal)
    with caplog.at_level(logging.INFO, "fedgate.activity"):
        for _ in range(3):
            keeping.make_one()
        (tmp_path / "place").unlink()
        keeping.make_one()
    keeping.stop()
    told = [record.levelname for record in caplog.records if record.name == "fedgate.activity"]
    assert told == ["WARNING", "INFO"]
    assert keys(book) == [KEY]


def test_a_round_reads_and_sweeps(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice", "ASIA1")
    keeping = rounds(book, journal)
    keeping.make_one()
    journal.now += KEPT - timedelta(days=1)
    journal.issued("alice", "ASIA2")
    keeping.make_one()
    assert keys(book) == ["ASIA1", "ASIA2"]
    journal.now += timedelta(days=2)
    keeping.make_one()
    keeping.stop()
    assert keys(book) == ["ASIA2"]


def test_a_gateway_without_a_journal_yet_waits_for_one(tmp_path: Path, book: ActivityBook) -> None:
    journal = Journal(tmp_path / "later")
    keeping = rounds(book, journal)
    keeping.make_one()
    journal.issued("alice")
    keeping.make_one()
    keeping.stop()
    assert keys(book) == [KEY]
