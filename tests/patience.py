"""How long a test waits, on a machine on which everything else runs at the same time.

An end costs nothing where things go well, so it is far away; and what something did *not* wait for would have taken
longer still. No test measures speed: that is what tests/bench is for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

SECONDS = 60.0  # until a test gives up
NEVER = 300.0  # seconds that a peer hangs: nobody is meant to see the end of them


def until(happened: Callable[[], object], what: str = "it did not happen", seconds: float = SECONDS) -> None:
    """Returns as soon as it has; AssertionError with these words at the end."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextmanager
def without_waiting(seconds: float = NEVER) -> Iterator[None]:
    """Whoever waits for what takes so long is still there after half of it; who does not is gone long before."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds / 2, f"it waited for what takes {seconds:.0f} s"


def minutes_given(ends: str) -> int:
    """For how long AWS gave what ends at this moment (RFC 3339, UTC), in whole five minutes: some of them have passed
    when a test looks, and the gateway may have kept it since an earlier question."""
    left = datetime.fromisoformat(ends.replace("Z", "+00:00")) - datetime.now(UTC)
    return 5 * math.ceil((left.total_seconds() - 5) / 300)
