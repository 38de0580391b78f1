"""The chain on standard output."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import IO

from app.audit.records import START, digest, line_of, unavailable
from app.core.events import Event


class JournalStream:
    """The chain on a stream, one for each process; for containers whose standard output is collected."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        stream: IO[str] | None = None,
        told: Callable[[bytes], None] = lambda _line: None,
    ) -> None:
        """`told` hears each line that was written; it must neither wait nor raise."""
        self._clock = clock
        self._stream = stream
        self._told = told
        self._threads = threading.Lock()
        self.number, self._before = 0, START

    def record(self, event: Event) -> None:
        stream = self._stream or sys.stdout
        with self._threads:
            line = line_of(self.number + 1, self._before, self._clock(), event)
            try:
                stream.write(line.decode() + "\n")
                stream.flush()
            except (OSError, ValueError) as error:
                raise unavailable(error) from error
            self.number, self._before = self.number + 1, digest(line)
        self._told(line)

    def ready(self) -> None:
        """Standard output cannot be tried without writing to it."""
