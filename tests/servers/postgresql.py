"""A private PostgreSQL, from the binaries that Debian and Ubuntu install; it keeps nothing.

with PostgreSql(directory) as server:
    create_engine(server.new_database())
    server.kill()       # as a crash
    server.start()      # recovers, at the same address

It listens on a unix socket only, in a folder of its own. PostgreSQL refuses to run as root, so under root it runs as
`nobody`: then the folder is nobody's as well.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from tests.servers.process import Process

_USER = "nobody"
# What makes a database safe from power cuts makes tests slow; a kill -9 loses nothing that was committed.
_HASTY = ("fsync=off", "full_page_writes=off")


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, newest release first; Debian leaves it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4]), reverse=True)
    return found[0].parent if found else None


class PostgreSql:
    def __init__(self, directory: Path) -> None:
        folder = binaries()
        assert folder is not None, 'mark the test @pytest.mark.needs("postgresql")'
        # Paths of sockets end at 107 bytes (unix(7)), and nobody may not enter pytest's directories.
        self._home = Path(tempfile.mkdtemp(prefix="fedgate-pg-"))
        self._count = 0
        if os.geteuid() == 0:
            shutil.chown(self._home, _USER)
        self._initialize(folder)
        options = [f"-c{option}" for option in ("listen_addresses=", f"unix_socket_directories={self._home}", *_HASTY)]
        self.process = Process(
            [*_unprivileged(), folder / "postgres", "-D", self._home / "data", *options],
            log=directory / "postgresql.log",
            is_ready=self._is_ready,
        )

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://fedgate@/{database}?host={self._home}"

    def new_database(self) -> str:
        """The address of an empty one."""
        self._count += 1
        name = f"test{self._count}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def start(self) -> Self:
        self.process.start()
        return self

    def kill(self) -> None:
        """kill -9, with all of its workers."""
        self.process.kill()
        (self._home / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        self.process.signal(signal.SIGINT)  # its fast shutdown: it does not wait until everybody has gone
        self.process.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def _initialize(self, folder: Path) -> None:
        # `trust`: who may enter the folder of the socket may enter the database.
        given = ["--username=fedgate", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        command = [*_unprivileged(), str(folder / "initdb"), "-D", str(self._home / "data"), *given]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    def _is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url(), connect_timeout=30) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _unprivileged() -> list[str]:
    return ["setpriv", f"--reuid={_USER}", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
