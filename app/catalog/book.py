"""The catalog in use: read again when it has changed, and kept when the change cannot be used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from app.catalog.known import Known
from app.catalog.reading import NOBODY
from app.catalog.sources import Source
from app.core.decisions import CatalogView
from app.core.proof import Passing
from app.errors import ConfigurationProblems, DatabaseUnavailable

_LOG = logging.getLogger("fedgate.catalog")


class Catalog:
    """The catalog in use. `view()` costs one `stat` of the file, or one small query, when nothing has changed."""

    def __init__(
        self,
        source: Source,
        provider_ids: Iterable[str],
        passing: Mapping[str, Passing] = NOBODY,
        follow: Callable[[], Known] | None = None,
    ) -> None:
        """Raises ConfigurationProblems if the catalog cannot be used; a database that is away is no reason not to
        begin. `passing` as for `load_catalog`; `follow` says what has become of both since."""
        self.source = source
        begun = Known(frozenset(provider_ids), passing)
        self._known = follow or (lambda: begun)
        self._lock = threading.Lock()
        self._stamp: object = (source.stamp(), begun)
        self._view = _EMPTY
        self._problems: tuple[str, ...] = ()
        try:
            self._view = source.read(begun)
        except DatabaseUnavailable:
            self._note((_NOT_YET,))

    def view(self) -> CatalogView:
        stamp = (self.source.stamp(), self._known())  # outside the lock: a database that is away takes seconds to ask
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp and self._reload(stamp[1]):
                    self._stamp = stamp
        return self._view

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the newest catalog, if the last good one is in use instead."""
        self.view()
        return self._problems

    def _reload(self, known: Known) -> bool:
        """False if it should be tried again though nothing has changed."""
        try:
            self._view, self._problems = self.source.read(known), ()
        except ConfigurationProblems as found:
            self._note(tuple(found.problems))
        except DatabaseUnavailable as away:
            self._note((away.sentence,))
            return False
        return True

    def _note(self, problems: tuple[str, ...]) -> None:
        self._problems = problems
        _LOG.error("catalog not used: %s", "; ".join(problems))


_EMPTY = CatalogView("none", {}, {}, ())
_NOT_YET = "the catalog is in the database, which has not answered since the start: nobody has a role until it does"
