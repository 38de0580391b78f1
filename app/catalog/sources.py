"""Where the catalog comes from: a file that its operator keeps, or the versions in the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.catalog.entries import Entries
from app.catalog.known import Known
from app.catalog.reading import load_catalog
from app.catalog.versions import Versions
from app.catalog.views import Views
from app.core.decisions import CatalogView
from app.errors import DatabaseUnavailable

_PAUSE = 5.0  # seconds, after the database did not answer


class Source(Protocol):
    def stamp(self) -> Hashable:
        """Another value whenever the catalog has changed. Cheap: it is asked at every request."""
        ...

    def read(self, known: Known) -> CatalogView:
        """Raises ConfigurationProblems or DatabaseUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """`FEDGATE_CATALOG`: edited by its operator, and read-only on our pages."""

    path: Path

    def stamp(self) -> Hashable:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def read(self, known: Known) -> CatalogView:
        return load_catalog(self.path, known.providers, known.passing)


class CatalogHistory:
    """The newest version in the database. While that is away, the last one that was seen stays in force: roles are
    neither given nor taken by an outage, and `/readyz` tells of it."""

    def __init__(
        self, versions: Versions, clock: Callable[[], float] = time.monotonic, views: Views | None = None
    ) -> None:
        """`views` are those of the desk that changes the catalog: what is in force is then read once for both."""
        self.versions = versions
        self.views = views or Views()
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: int | None = None
        self._not_before = 0.0
        self._read: tuple[int, Entries] | None = None

    def stamp(self) -> Hashable:
        """One thread waits for a database that does not answer, and the others go on with what is known."""
        if not self._lock.acquire(blocking=self._newest is None):
            return self._newest
        try:
            if self._clock() >= self._not_before:
                self._newest = self.versions.newest()
        except DatabaseUnavailable:
            self._not_before = self._clock() + _PAUSE
        finally:
            self._lock.release()
        return self._newest

    def read(self, known: Known) -> CatalogView:
        number = self._newest if self._newest is not None else self.versions.newest()
        if self._read is None or self._read[0] != number:
            self._read = number, self.versions.entries(number)
        # Versions never change: a provider that is new in gateway.toml needs no database to count.
        return replace(self.views.read(self._read[1], known), version=str(number))
