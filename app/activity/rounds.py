"""Keeping the book near the journal, and no longer than `activity_days`: in each worker, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.activity.book import BATCH, ActivityBook
from app.activity.following import Follower
from app.activity.pending import Pending
from app.errors import DatabaseUnavailable
from app.ops.repeating import Repeating

_LOG = logging.getLogger("fedgate.activity")
_PAUSE = timedelta(seconds=1)
_SWEEP = timedelta(hours=1)


class ActivityRounds:
    """`directory`: the journal's, or None for a stream, whose lines are in `pending`. `kept`: what is older goes."""

    def __init__(
        self,
        book: ActivityBook,
        directory: Path | None,
        pending: Pending,
        kept: timedelta,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        pause: timedelta = _PAUSE,
    ) -> None:
        self._book = book
        self._follower = None if directory is None else Follower(directory, book)
        self._pending = pending
        self._kept = kept
        self._clock = clock
        self._swept: datetime | None = None
        self._failing = False
        self._repeating = Repeating("the journal for searching", self.make_one, chance, pause, at_once=True)
        self.start = self._repeating.start

    def stop(self) -> None:
        """What waits of a stream is written first; of files, the next start reads what is missing."""
        self._repeating.stop()
        if self._follower is None:
            self.make_one()
        else:
            self._follower.release()

    def make_one(self) -> None:
        """A database or a disk that is away is told once, and tried again in the next round."""
        try:
            self._catch_up()
            self._sweep()
        except (DatabaseUnavailable, OSError) as error:
            if not self._failing:
                reason = error.reason if isinstance(error, DatabaseUnavailable) else type(error).__name__
                _LOG.warning("the journal cannot be kept for searching now: %s", reason)
            self._failing = True
            return
        if self._failing:
            _LOG.info("the journal is kept for searching again")
        self._failing = False

    def _catch_up(self) -> None:
        if self._follower is None:
            self._pending.write(self._book)
        else:
            self._follower.catch_up(self._clock() - self._kept, lambda: self._repeating.stopping)

    def _sweep(self) -> None:
        now = self._clock()
        if self._swept is not None and now - self._swept < _SWEEP:
            return
        while not self._repeating.stopping and self._book.forget(now - self._kept) == BATCH:
            pass
        self._swept = now
