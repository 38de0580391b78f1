"""The catalog in use: read again when its file has changed, and kept when the change cannot be used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.catalog.reading import NOBODY, load_catalog
from app.core.decisions import CatalogView
from app.core.proof import Passing
from app.errors import ConfigurationProblems

_LOG = logging.getLogger("fedgate.catalog")


@dataclass(frozen=True, slots=True)
class Known:
    """Whom rules may name: the providers of gateway.toml, disabled ones too, and as for `load_catalog`."""

    providers: frozenset[str]
    passing: Mapping[str, Passing]


class Catalog:
    """The catalog in use. `view()` costs one `stat` when the file has not changed."""

    def __init__(
        self,
        path: Path,
        provider_ids: Iterable[str],
        passing: Mapping[str, Passing] = NOBODY,
        follow: Callable[[], Known] | None = None,
    ) -> None:
        """Raises ConfigurationProblems if the file cannot be used. `passing` as for `load_catalog`; `follow` says what
        has become of both since."""
        self._path = path
        begun = Known(frozenset(provider_ids), passing)
        self._known = follow or (lambda: begun)
        self._lock = threading.Lock()
        self._stamp = (self._now_on_disk(), begun)
        self._view = load_catalog(path, begun.providers, passing)
        self._problems: tuple[str, ...] = ()

    def view(self) -> CatalogView:
        with self._lock:
            stamp = (self._now_on_disk(), self._known())
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload(stamp[1])
            return self._view

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file on the disk, if the last good one is in use instead."""
        self.view()
        return self._problems

    def _reload(self, known: Known) -> None:
        try:
            self._view, self._problems = load_catalog(self._path, known.providers, known.passing), ()
        except ConfigurationProblems as found:
            self._problems = tuple(found.problems)
            _LOG.error("catalog not used: %s", "; ".join(found.problems))

    def _now_on_disk(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)
