"""The book follows the journal's files: nothing is missed, nothing is there twice, and it never needs to be told where.

On SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from app.activity import ActivityBook, Search
from app.activity.__main__ import rebuild
from app.activity.following import Follower, batches, journal_files
from app.database.engine import Database
from app.errors import DatabaseUnavailable
from tests.activity.journal import NOW, Journal

LONG_AGO = NOW - timedelta(days=4000)


def keys(book: ActivityBook) -> list[str]:
    return [entry.access_key_id for entry in book.search(Search(kind="credentials.issued"), 1000)][::-1]


def read(journal: Journal, book: ActivityBook) -> int:
    """As a process that starts now does."""
    follower = Follower(journal.directory, book)
    try:
        return follower.catch_up(LONG_AGO)
    finally:
        follower.release()


def test_what_is_written_is_found_with_everything_in_it(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice")
    assert read(journal, book) == 1
    [entry] = book.search(Search(), 10)
    assert (entry.kind, entry.name, entry.account, entry.at) == (
        "credentials.issued",
        "alice",
        "111111111111",
        journal.now,
    )
    assert entry.facts == {
        "role": "arn:aws:iam::111111111111:role/Developer",
        "session": "of-alice",
        "access_key_id": "ASIAIOSFODNN7EXAMPLE",
        "purpose": "cli",
    }


def test_it_goes_on_over_days_and_restarts(journal: Journal, book: ActivityBook) -> None:
    follower = Follower(journal.directory, book)
    wanted = []
    for n in range(30):
        journal.now += timedelta(hours=7)
        journal.issued("alice", f"ASIA{n:016}")
        wanted.append(f"ASIA{n:016}")
        if n % 3 == 0:
            follower.catch_up(LONG_AGO)
        if n % 10 == 9:
            follower.release()
            follower = Follower(journal.directory, book)
    follower.catch_up(LONG_AGO)
    follower.release()
    assert keys(book) == wanted


def test_a_restart_reads_only_on_from_the_newest_file(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice", "ASIA1")
    journal.now += timedelta(days=1)
    journal.issued("alice", "ASIA2")
    read(journal, book)
    journal_files(journal.directory)[0].write_bytes(b"")  # who reads it again would find nothing
    journal.issued("alice", "ASIA3")
    assert read(journal, book) == 1
    assert keys(book) == ["ASIA1", "ASIA2", "ASIA3"]


def test_a_line_that_is_not_whole_yet_is_read_when_it_is(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice", "ASIA1")
    journal.issued("alice", "ASIA2")
    [path] = journal_files(journal.directory)
    whole = path.read_bytes()
    follower = Follower(journal.directory, book)
    path.write_bytes(whole[:-20])
    assert follower.catch_up(LONG_AGO) == 1
    path.write_bytes(whole)
    assert follower.catch_up(LONG_AGO) == 1
    follower.release()
    assert keys(book) == ["ASIA1", "ASIA2"]


def test_a_torn_line_and_whatever_else_stands_there_keeps_nothing_back(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice", "ASIA1")
    [path] = journal_files(journal.directory)
    with path.open("ab") as file:
        file.write(b'{"n": 2, "at": "2026-\n\n[]\n{"n":2,"before":"x","facts":7}\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
    journal.issued("alice", "ASIA3")
    read(journal, book)
    assert keys(book) == ["ASIA1", "ASIA3"]


def test_what_no_database_can_keep_is_kept_as_well_as_it_can(journal: Journal, book: ActivityBook) -> None:
    journal.issued("nul \0, half a character \ud800, " + "far too long " * 100, "ASIA1")
    journal.issued("alice", "ASIA2")
    read(journal, book)
    assert keys(book) == ["ASIA1", "ASIA2"]


def test_only_one_process_reads_and_the_next_one_goes_on_when_it_ends(journal: Journal, book: ActivityBook) -> None:
    journal.issued("alice", "ASIA1")
    first, second = Follower(journal.directory, book), Follower(journal.directory, book)
    assert (first.catch_up(LONG_AGO), second.catch_up(LONG_AGO)) == (1, 0)
    journal.issued("alice", "ASIA2")
    assert (second.catch_up(LONG_AGO), first.catch_up(LONG_AGO)) == (0, 1)
    first.release()
    journal.issued("alice", "ASIA3")
    assert second.catch_up(LONG_AGO) == 1
    second.release()
    assert keys(book) == ["ASIA1", "ASIA2", "ASIA3"]


def test_a_book_that_was_emptied_fills_itself_while_it_is_in_use(journal: Journal, book: ActivityBook) -> None:
    follower = Follower(journal.directory, book)
    for n in range(3):
        journal.issued("alice", f"ASIA{n}")
    follower.catch_up(LONG_AGO)
    while book.forget(journal.now + timedelta(1)):
        pass
    journal.issued("alice", "ASIA3")
    follower.catch_up(LONG_AGO)
    follower.release()
    assert keys(book) == [f"ASIA{n}" for n in range(4)]


def test_what_is_too_old_is_not_read_and_what_grows_too_old_goes(journal: Journal, book: ActivityBook) -> None:
    for n in range(10):
        journal.now = NOW + timedelta(days=n)
        journal.issued("alice", f"ASIA{n}")
    follower = Follower(journal.directory, book)
    follower.catch_up(NOW + timedelta(days=4))
    follower.release()
    assert keys(book) == [f"ASIA{n}" for n in range(4, 10)]
    assert book.forget(NOW + timedelta(days=8), most=3) == 3
    assert book.forget(NOW + timedelta(days=8), most=3) == 1
    assert book.forget(NOW + timedelta(days=8), most=3) == 0
    assert keys(book) == ["ASIA8", "ASIA9"]


def test_rebuilding_adds_what_is_missing_and_puts_right_what_was_altered(
    journal: Journal, book: ActivityBook, tmp_path: Path
) -> None:
    for n in range(700):
        journal.issued("alice", f"ASIA{n}")
    [path] = journal_files(journal.directory)
    some = next(batches(path, 0))[0]
    book.add([*some[:100], *some[200:]])
    with book.database.changing() as connection:
        connection.exec_driver_sql("UPDATE activity SET name = 'mallory'")
    told: list[str] = []
    rebuild(book, [path], LONG_AGO, told.append)
    assert told == [f"{path.name}: 700 events"]
    assert {entry.name for entry in book.search(Search(), 1000)} == {"alice"}
    assert keys(book) == [f"ASIA{n}" for n in range(700)]


def test_a_process_that_ends_in_the_middle_leaves_the_rest_to_the_next(journal: Journal, book: ActivityBook) -> None:
    for n in range(1100):
        journal.issued("alice", f"ASIA{n}")
    follower = Follower(journal.directory, book)
    assert follower.catch_up(LONG_AGO, lambda: True) == 500
    follower.release()
    assert read(journal, book) == 600
    assert book.count() == 1100


def test_a_database_that_is_away_loses_nothing(journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "other" / "fedgate.db"
    file.parent.write_text("not a folder yet")
    away = ActivityBook(Database(f"sqlite:///{file}"))
    journal.issued("alice", "ASIA1")
    follower = Follower(journal.directory, away)
    with pytest.raises(DatabaseUnavailable):
        follower.catch_up(LONG_AGO)
    file.parent.unlink()
    journal.issued("alice", "ASIA2")
    assert follower.catch_up(LONG_AGO) == 2
    follower.release()
    assert keys(away) == ["ASIA1", "ASIA2"]


def test_the_command_says_how_it_is_used() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "app.activity", "burn"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, "rebuild [FILE ...]" in ended.stderr) == (2, True)
