"""The catalog in use: read again when its file has changed, and kept when the change cannot be used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.catalog.reading import NOBODY, load_catalog
from app.core.decisions import CatalogView
from app.core.proof import Passing
from app.errors import ConfigurationProblems

_LOG = logging.getLogger("fedgate.catalog")


class Catalog:
    """The catalog in use. `view()` costs one `stat` when the file has not changed."""

    def __init__(self, path: Path, provider_ids: Iterable[str], passing: Mapping[str, Passing] = NOBODY) -> None:
        """Raises ConfigurationProblems if the file cannot be used. `passing` as for `load_catalog`."""
        self._path = path
        self._providers = frozenset(provider_ids)
        self._passing = passing
        self._lock = threading.Lock()
        self._stamp = self._now_on_disk()
        self._view = load_catalog(path, self._providers, passing)
        self._problems: tuple[str, ...] = ()

    def view(self) -> CatalogView:
        with self._lock:
            stamp = self._now_on_disk()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
            return self._view

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file on the disk, if the last good one is in use instead."""
        self.view()
        return self._problems

    def _reload(self) -> None:
        try:
            self._view, self._problems = load_catalog(self._path, self._providers, self._passing), ()
        except ConfigurationProblems as found:
            self._problems = tuple(found.problems)
            _LOG.error("catalog not used: %s", "; ".join(found.problems))

    def _now_on_disk(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)
