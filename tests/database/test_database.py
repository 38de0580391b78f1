"""SQLite and PostgreSQL behave alike: moved on once, one writer at a time, and a clear word when they are away."""

from __future__ import annotations

import logging
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from app.database.engine import Database
from app.database.migrations import move
from app.database.tables import METADATA, external_ids
from app.errors import ConfigurationProblems, DatabaseUnavailable
from tests.core.people import NOW
from tests.patience import SECONDS, until
from tests.servers.postgresql import PostgreSql
from tests.servers.process import LOOPBACK, free_port

ROOT = Path(__file__).resolve().parents[2]


def one_more(connection: Connection, value: str, account: str = "111111111111", number: int = 1) -> None:
    row = {"value": value, "account": account, "number": number, "made_at": NOW}
    connection.execute(insert(external_ids).values(row))


def how_many(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(external_ids)).scalar_one()


def test_an_empty_database_gets_exactly_the_tables_that_the_books_use(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_newest_step_is_the_one_that_the_code_waits_for() -> None:
    heads = ScriptDirectory(str(Path(move.__file__).parent)).get_heads()
    assert heads == [move.NEWEST]


def test_eight_workers_that_start_together_move_it_on_once(database_url: str) -> None:
    program = "import sys; from app.database.engine import Database; Database(sys.argv[1]).ping(); print('up')"
    command = [sys.executable, "-c", program, database_url]
    workers = [subprocess.Popen(command, cwd=ROOT, stdout=-1, stderr=-1, text=True) for _ in range(8)]
    told = [worker.communicate(timeout=60) for worker in workers]
    assert [out for out, _ in told] == ["up\n"] * 8, told
    with Database(database_url).reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_what_one_worker_wrote_another_reads_and_a_restart_keeps_it(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    with first.changing() as connection:
        one_more(connection, "a")
    assert how_many(second) == 1
    first.close()
    second.close()
    assert how_many(Database(database_url)) == 1


def test_times_come_back_with_their_zone(database_url: str) -> None:
    database = Database(database_url)
    with database.changing() as connection:
        one_more(connection, "a")
    with database.reading() as connection:
        found = connection.execute(select(external_ids.c.made_at)).scalar_one()
    assert found == NOW
    assert found.utcoffset() is not None


def test_a_change_that_fails_halfway_leaves_nothing(database_url: str) -> None:
    database = Database(database_url)

    def halfway() -> None:
        with database.changing() as connection:
            one_more(connection, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        halfway()
    assert how_many(database) == 0


def test_two_rows_that_must_not_be_alike_are_the_callers_affair(database_url: str) -> None:
    database = Database(database_url)

    def both() -> None:
        with database.changing() as connection:
            one_more(connection, "a")
            one_more(connection, "b")

    with pytest.raises(IntegrityError):
        both()


def test_of_twenty_who_look_and_then_write_none_overwrites_another(database_url: str) -> None:
    database = Database(database_url)
    with database.changing() as connection:
        one_more(connection, "a", number=0)

    def add() -> None:
        with database.changing() as connection:
            number = connection.execute(select(external_ids.c.number)).scalar_one()
            time.sleep(0.01)
            connection.execute(update(external_ids).values(number=number + 1))

    threads = [threading.Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert connection.execute(select(external_ids.c.number)).scalar_one() == 20


def test_who_changes_something_can_read_beside_it_while_fifteen_others_wait_to_write(database_url: str) -> None:
    """A morning of sign-ins, and an administrator who saves: a second connection must not be what both wait for."""
    database, read = Database(database_url), threading.Event()
    pool = database._engine.pool
    assert isinstance(pool, QueuePool)

    def write() -> None:
        while not read.is_set():
            with suppress(DatabaseUnavailable), database.changing():
                pass

    database.prepare()
    with database.changing():
        threads = [threading.Thread(target=write) for _ in range(15)]
        for thread in threads:
            thread.start()
        try:
            until(lambda: pool.checkedout() == 16)
            assert how_many(database) == 0
        finally:
            read.set()
    for thread in threads:
        thread.join()


def test_an_older_gateway_leaves_a_newer_database_alone(database_url: str) -> None:
    with Database(database_url).changing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(database_url).ping()
    assert refused.value.reason == "database.newer"


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fedgate.db"
    Database(f"sqlite:///{path}").ping()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_where_nothing_can_be_written_is_a_clear_word(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(f"sqlite:///{tmp_path}/file/fedgate.db").ping()
    assert (refused.value.code, refused.value.status) == ("database_unavailable", 503)


def test_a_file_that_is_no_database_is_a_clear_word(tmp_path: Path) -> None:
    (tmp_path / "fedgate.db").write_text("dear diary" * 1000)
    with pytest.raises(DatabaseUnavailable):
        Database(f"sqlite:///{tmp_path}/fedgate.db").ping()


def test_nobody_answers_and_no_password_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(f"postgresql://fedgate:kept-for-myself@{LOOPBACK}:{free_port()}/fedgate").ping()
    assert "kept-for-myself" not in f"{refused.value} {refused.value.__cause__} {caplog.text}"


def test_who_waits_while_somebody_finds_it_away_does_not_try_as_well() -> None:
    """Of sixteen threads the last one would otherwise wait sixteen times as long as the first."""
    listening, tried, all_wait = socket.create_server((LOOPBACK, 0)), list[socket.socket](), threading.Event()
    port = listening.getsockname()[1]
    database = Database(f"postgresql://u@{LOOPBACK}:{port}/d?sslmode=disable&gssencmode=disable")

    def turn_away() -> None:
        with suppress(OSError):  # the end of the test
            while True:
                tried.append(listening.accept()[0])
                all_wait.wait(SECONDS)
                tried[-1].close()

    def ask() -> None:
        with suppress(DatabaseUnavailable):
            database.ping()

    door, threads = threading.Thread(target=turn_away), [threading.Thread(target=ask) for _ in range(8)]
    door.start()
    threads[0].start()
    until(lambda: tried)
    for thread in threads[1:]:
        thread.start()
    all_wait.set()
    for thread in threads:
        thread.join()
    listening.shutdown(socket.SHUT_RDWR)
    door.join()
    listening.close()
    assert len(tried) < len(threads)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "postgresql+psycopg2://h/d", "mysql://u:kept-for-myself@h/d", "oops"]
)
def test_an_address_that_cannot_do_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationProblems) as refused:
        Database(url)
    assert "FEDGATE_DATABASE_URL" in refused.value.problems[0]
    assert "kept-for-myself" not in refused.value.problems[0]


@pytest.mark.needs("postgresql")
def test_postgresql_dies_and_comes_back(tmp_path: Path) -> None:
    with PostgreSql(tmp_path) as server:
        database = Database(server.new_database())
        with database.changing() as connection:
            one_more(connection, "a")
        server.kill()
        with pytest.raises(DatabaseUnavailable):
            how_many(database)
        server.start()
        assert how_many(database) == 1


@pytest.mark.needs("postgresql")
def test_it_leaves_no_process_and_no_folder_behind(tmp_path: Path) -> None:
    with PostgreSql(tmp_path) as server:
        pid, home = server.process.pid, Path(server.url().partition("host=")[2])
        assert home.stat().st_uid != 0 or os.geteuid() != 0
    assert not home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
