"""Lines of a journal that is a stream: it cannot be read back, so they are kept until a round has written them.

Best effort, and never in the way: what does not fit is left out here, and what a process has not written when it dies
is not searched for. Both are in the stream, and `rebuild` reads them from wherever that was collected.
"""

from __future__ import annotations

import logging
from collections import deque

from app.activity.book import BATCH, ActivityBook
from app.activity.entries import read_line

_LOG = logging.getLogger("fedgate.activity")
_MOST = 20_000  # lines; some ten megabytes, and hours of an ordinary gateway


class Pending:
    def __init__(self, most: int = _MOST) -> None:
        self._lines: deque[bytes] = deque()
        self._most = most
        self._left_out = 0

    def hear(self, line: bytes) -> None:
        """A line that has just been written to the stream. Costs nothing and raises nothing."""
        if len(self._lines) < self._most:
            self._lines.append(line)
        else:
            self._left_out += 1

    def write(self, book: ActivityBook) -> int:
        """Everything that waits; how many lines were new. Raises DatabaseUnavailable, and all of it waits on."""
        written = 0
        while self._lines:
            batch = [self._lines[n] for n in range(min(BATCH, len(self._lines)))]
            written += book.add([entry for line in batch if (entry := read_line(line)) is not None])
            for _ in batch:
                self._lines.popleft()
        if self._left_out:
            _LOG.warning("%s lines of the journal were not kept for searching: too many at once", self._left_out)
            self._left_out = 0
        return written
