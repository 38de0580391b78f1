"""The journal: one chain for all workers, and no record means no act."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.audit import JournalFiles, JournalStream, verify
from app.audit.__main__ import main
from app.core.events import Event, Kind
from app.errors import AuditUnavailable
from tests.core.people import NOW, person


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> JournalFiles:
    return JournalFiles(tmp_path, clock)


def note(text: str = "") -> Event:
    return Event.about(Kind.SIGNED_IN, person("alice"), note=text)


def records(directory: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(directory.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


def test_a_record_says_who_what_and_when(journal: JournalFiles, tmp_path: Path) -> None:
    journal.record(Event(Kind.CONSOLE_OPENED, "corp", "a1", "alice", "192.0.2.7", "K7Q2", {"role": "r", "n": 3}))
    assert records(tmp_path) == [
        {
            "n": 1,
            "at": "2026-11-21T12:00:00.000000Z",
            "kind": "console.opened",
            "provider": "corp",
            "subject": "a1",
            "name": "alice",
            "address": "192.0.2.7",
            "reference": "K7Q2",
            "facts": {"role": "r", "n": 3},
            "before": "0" * 64,
        }
    ]


def test_eight_processes_write_one_chain(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.books.recording", str(tmp_path), "50"]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [worker.communicate(timeout=120)[0] for worker in workers] == ["50\n"] * 8
    assert list(verify(tmp_path)) == []
    assert [entry["n"] for entry in records(tmp_path)] == list(range(1, 401))


def test_threads_and_journals_of_one_process_write_one_chain(tmp_path: Path, clock: Clock) -> None:
    journals = [JournalFiles(tmp_path, clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: journals[n % 4].record(note()), range(80)))
    assert list(verify(tmp_path)) == []
    assert len(records(tmp_path)) == 80


def test_the_chain_goes_on_after_a_restart_and_over_midnight(tmp_path: Path, clock: Clock) -> None:
    for day in range(3):
        clock.now = NOW + timedelta(days=day)
        JournalFiles(tmp_path, clock).record(note())
        JournalFiles(tmp_path, clock).record(note())
    assert [path.name for path in sorted(tmp_path.glob("*.jsonl"))] == [f"audit-2026-11-2{d}.jsonl" for d in (1, 2, 3)]
    assert [entry["n"] for entry in records(tmp_path)] == [1, 2, 3, 4, 5, 6]
    assert list(verify(tmp_path)) == []


def test_a_clock_that_is_set_back_over_midnight_does_not_fork_the_chain(tmp_path: Path, clock: Clock) -> None:
    here, there = JournalFiles(tmp_path, clock), JournalFiles(tmp_path, clock)
    here.record(note())
    clock.now = NOW + timedelta(days=1)
    there.record(note())
    clock.now = NOW
    here.record(note())
    there.record(note())
    assert list(verify(tmp_path)) == []
    assert [entry["n"] for entry in records(tmp_path)] == [1, 2, 3, 4]


@pytest.mark.parametrize("torn", [b'{"n":3,"at":"2026', b"\0\0\0", b"[]\n", b'{"n":"x","before":1}\n', b"\n"])
def test_a_line_that_a_crash_cut_off_is_reported_and_the_chain_goes_on(
    journal: JournalFiles, tmp_path: Path, torn: bytes
) -> None:
    journal.record(note())
    journal.record(note())
    (path,) = tmp_path.glob("*.jsonl")
    path.write_bytes(path.read_bytes() + torn)
    journal.record(note("after"))
    (found,) = verify(tmp_path)
    assert "line 3: is not a record" in found
    assert json.loads(path.read_bytes().splitlines()[-1])["n"] == 3


def test_a_very_long_record_does_not_hide_the_end_of_the_chain(tmp_path: Path, clock: Clock) -> None:
    for text in ("x" * 9_000, "y" * 1_000_000, "z"):
        JournalFiles(tmp_path, clock).record(note(text))
    assert list(verify(tmp_path)) == []
    assert len(records(tmp_path)) == 3


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"alice", b"malry"), *lines[2:]], ["line 3: does not follow"]),
        (lambda lines: [lines[0], *lines[2:]], ["line 2: does not follow"]),
        (lambda lines: [lines[0], lines[1], lines[1], *lines[2:]], ["line 3: does not follow"]),
        (lambda lines: [lines[1], lines[0], *lines[2:]], ["line 1:", "line 2:", "line 3:"]),
        (lambda lines: lines[1:], ["line 1: does not follow"]),
        (lambda lines: [lines[0], b"", *lines[1:]], ["line 2: is not a record"]),
        (lambda lines: [lines[0], lines[1].replace(b'"n":2', b'"n":7'), *lines[2:]], ["line 2:", "line 3:"]),
    ],
)
def test_an_altered_removed_added_or_moved_line_is_found(  # type: ignore[no-untyped-def]
    journal: JournalFiles, tmp_path: Path, tamper, found: list[str]
) -> None:
    for _ in range(5):
        journal.record(note())
    (path,) = tmp_path.glob("*.jsonl")
    path.write_bytes(b"".join(line + b"\n" for line in tamper(path.read_bytes().splitlines())))
    breaks = list(verify(tmp_path))
    assert len(breaks) == len(found)
    assert all(part in line for part, line in zip(found, breaks, strict=True))


def test_nothing_in_a_claim_can_begin_a_line_or_move_the_cursor(journal: JournalFiles, tmp_path: Path) -> None:
    evil = 'x\n{"n":9,"before":""}\r\n\x1b[2J\x7f\x9b\u2028\u202e\ud800"\\'
    journal.record(Event(Kind.SIGN_IN_REFUSED, evil, evil, evil, evil, evil, {evil: [evil]}))
    (path,) = tmp_path.glob("*.jsonl")
    (line,) = path.read_bytes().split(b"\n")[:-1]
    assert all(32 <= byte < 127 for byte in line)
    assert records(tmp_path)[0]["subject"] == evil
    assert list(verify(tmp_path)) == []


def test_when_the_disk_is_full_nothing_is_acknowledged_that_is_not_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.books.recording", str(tmp_path), "20", "4000"]
    done = int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    assert 0 < done < 20
    assert len(records(tmp_path)) == done
    assert list(verify(tmp_path)) == []
    JournalFiles(tmp_path, lambda: datetime.now(UTC)).record(note("there is room again"))
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize(
    "place", ["a file", "no such place", "a journal that is a directory", "a journal that is a link"]
)
def test_a_journal_that_cannot_be_written_stops_the_act_and_says_so(tmp_path: Path, clock: Clock, place: str) -> None:
    directory, today = tmp_path / "audit", tmp_path / "audit" / "audit-2026-11-21.jsonl"
    match place:
        case "a file":
            directory.write_text("")
        case "no such place":
            directory = Path("/proc/audit")
        case "a journal that is a directory":
            today.mkdir(parents=True)
        case _:
            directory.mkdir()
            today.symlink_to(tmp_path / "elsewhere")
    journal = JournalFiles(directory, clock)
    for ask in (lambda: journal.record(note()), journal.ready):
        with pytest.raises(AuditUnavailable) as told:
            ask()
        assert str(directory) not in told.value.sentence
        assert told.value.reason.startswith("audit.")
    assert not (tmp_path / "elsewhere").exists()


def test_only_the_gateway_can_read_its_journal(tmp_path: Path, clock: Clock) -> None:
    journal = JournalFiles(tmp_path / "new" / "audit", clock)
    journal.ready()
    journal.record(note())
    assert (tmp_path / "new" / "audit").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "new" / "audit").iterdir())


def test_a_record_stays_quick_in_a_large_journal(tmp_path: Path, clock: Clock) -> None:
    """A whole company's day; besides the disk, a record costs well under a millisecond."""
    journal = JournalFiles(tmp_path, clock)
    journal.record(note())
    (path,) = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write((path.read_bytes() * 1000) * 100)
    begun = time.process_time()
    for _ in range(100):
        journal.record(note())
    assert time.process_time() - begun < 0.1


def test_a_stream_carries_the_same_chain(clock: Clock) -> None:
    out = io.StringIO()
    journal = JournalStream(clock, out)
    journal.ready()
    for text in ("a", "b\n\x1b[2J", "c"):
        journal.record(note(text))
    entries = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [entry["n"] for entry in entries] == [1, 2, 3]
    assert [entry["facts"]["note"] for entry in entries] == ["a", "b\n\x1b[2J", "c"]
    assert len({entry["before"] for entry in entries}) == 3


def test_a_stream_that_takes_nothing_stops_the_act(clock: Clock) -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115  closing it fails too
    with pytest.raises(AuditUnavailable):
        JournalStream(clock, full).record(note())
    with pytest.raises(OSError, match="No space"):
        full.close()
    closed = io.StringIO()
    closed.close()
    with pytest.raises(AuditUnavailable):
        JournalStream(clock, closed).record(note())


def test_the_command_verifies(journal: JournalFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal.record(note())
    assert main(["verify", str(tmp_path)]) == 0
    assert "whole" in capsys.readouterr().out
    (path,) = tmp_path.glob("*.jsonl")
    path.write_bytes(path.read_bytes() * 2)
    assert main(["verify", str(tmp_path)]) == 1
    assert "line 2" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "none")]) == 2
