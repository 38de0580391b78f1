"""A call that ends in time, whatever it meets.

botocore's timeouts are for one read each: a server that sends a byte now and then, or a name server that does not
answer, would hold a request for as long as it likes. So the call runs in a thread of its own, and the caller waits
for it only so long. The thread is left to itself then; it ends with the connection, or with the process.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ReadTimeoutError

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T], what: str) -> T:
    """What `call` returns or raises, or ReadTimeoutError of `what` after `seconds`."""
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((call(), None))
        except BaseException as error:  # it is raised again where somebody waits for it
            outcome.put((None, error))

    threading.Thread(target=contextvars.copy_context().run, args=(run,), name=f"aws {what}", daemon=True).start()
    try:
        answer, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise ReadTimeoutError(endpoint_url=what) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # no error: it is what the call returned
