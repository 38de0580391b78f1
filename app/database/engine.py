"""The connection to SQLite or PostgreSQL. The only place that knows which of the two it is.

On both, one transaction at a time may change anything (SQLite has it so; on PostgreSQL an advisory lock does it),
so "look, then write" needs no thought about races. What changes here takes some milliseconds.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from app.database.migrations.move import Newer, is_newest, move
from app.errors import ConfigurationProblems, DatabaseUnavailable

_WRITER = 0x66656467  # any number that nobody else in this database uses
_CONNECT_SECONDS, _STATEMENT_SECONDS, _MIGRATION_SECONDS = 3, 5, 60
# One for each of a worker's 16 threads and more: who changes the catalog reads beside it, and must find a connection
# while everybody else holds one and waits for their turn to write. Beyond the first five, opened only when needed.
_BEYOND_FIVE = 15


class Database:
    """Nothing is sent before the first use, so a gateway starts while its database is away."""

    def __init__(self, url: str) -> None:
        """Raises ConfigurationProblems, without the address: it can hold a password."""
        self._engine, self._file = _engine(url)
        self._lock = threading.Lock()
        self._moved = False
        self._failures, self._why = 0, ""  # of moving it, and the newest reason

    def prepare(self) -> None:
        """Moves the database to the newest shape, once for this process; others wait. Raises DatabaseUnavailable."""
        before = self._failures
        with self._lock:
            if self._moved:
                return
            if self._failures != before:  # whoever we waited for found it away: sixteen would try one after the other
                raise _unavailable(self._why)
            try:
                with _ours():
                    self._move()
            except DatabaseUnavailable as away:
                self._failures, self._why = before + 1, away.reason
                raise
            self._moved = True

    def _move(self) -> None:
        _make_private(self._file)
        with self._engine.connect() as connection:
            if is_newest(connection):
                return
        with self._transaction(writes=True, patience=_MIGRATION_SECONDS) as connection:
            if not is_newest(connection):
                move(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Raises DatabaseUnavailable."""
        self.prepare()
        with _ours(), self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """All of it is written at the end, or nothing. Raises DatabaseUnavailable; IntegrityError passes."""
        self.prepare()
        with _ours(), self._transaction(writes=True) as connection:
            yield connection

    def ping(self) -> None:
        """Raises DatabaseUnavailable."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool, patience: int = _STATEMENT_SECONDS) -> Iterator[Connection]:
        with self._engine.connect() as plain:
            connection = plain.execution_options(fedgate_writes=writes)
            with connection.begin():
                if writes and self._file is None:
                    connection.execute(text(f"SET LOCAL lock_timeout = {patience * 1000}"))
                    connection.execute(text(f"SET LOCAL statement_timeout = {patience * 1000}"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER})"))
                yield connection


@contextmanager
def _ours() -> Iterator[None]:
    """The library's failures as ours. An IntegrityError is an answer, not a failure: the caller knows of what."""
    try:
        yield
    except IntegrityError:
        raise
    except Newer as error:
        raise _unavailable("database.newer") from error
    except SQLAlchemyError as error:
        raise _unavailable(f"database.{type(error).__name__}") from error


def _unavailable(reason: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The gateway cannot reach its database right now. Try again in a minute.", reason=reason, retry_after=5
    )


def _engine(url: str) -> tuple[Engine, Path | None]:
    """The engine, and the file if it is SQLite."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        return _postgresql(parsed), None
    except (ArgumentError, NoSuchModuleError, ValueError, TypeError, ImportError):
        # `from None`: the text of these errors repeats the address.
        raise ConfigurationProblems(
            ["FEDGATE_DATABASE_URL: expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"]
        ) from None


def _sqlite(url: URL) -> tuple[Engine, Path]:
    if url.database is None or url.database in ("", ":memory:") or url.host:
        raise ValueError("needs a file: what lasts must be shared by all workers")
    engine = create_engine(url, hide_parameters=True, max_overflow=_BEYOND_FIVE, connect_args={"timeout": 10})
    event.listen(engine, "connect", _when_sqlite_connects)
    event.listen(engine, "begin", _when_sqlite_begins)
    return engine, Path(url.database)


def _when_sqlite_connects(connection: Any, _: object) -> None:
    connection.isolation_level = None  # or Python begins and commits by rules of its own, between the steps of a move
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own knows A to Z only: nobody would find Ärmel, and Jörg and JÖRG would not be the same name.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _when_sqlite_begins(connection: Connection) -> None:
    # A transaction that only later wants to write can be refused halfway; one that says so at once waits its turn.
    writes = connection.get_execution_options().get("fedgate_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ValueError("another driver")
    ours = {
        "application_name": "fedgate",
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * _STATEMENT_SECONDS,  # a server that is gone without a word
        "options": f"-c statement_timeout={1000 * _STATEMENT_SECONDS} -c timezone=UTC",
    }
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        max_overflow=_BEYOND_FIVE,
        pool_pre_ping=True,  # a connection that a restart of the server broke is replaced, not handed out
        pool_timeout=_STATEMENT_SECONDS,
        pool_recycle=1800,
        connect_args={name: value for name, value in ours.items() if name not in url.query},
    )


def _make_private(file: Path | None) -> None:
    """The file and its folder, for their owner only; others would learn who may become what."""
    if file is None:
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unavailable(f"database.{type(error).__name__}") from error
