"""How long an AWS tool may have to wait for its helper.

The Rust SDK gives its helper 5 seconds and the Go SDK a minute; the others wait for ever, while nobody sees why. So
everything together, waiting for locks, looking up the name, connecting, TLS, renewing, ends before 4.5 seconds, unless
the gateway itself is at work, for AWS is slow at times: then it may take half of a minute, which the Rust SDK does not
wait for and which every later start finds in the cache. Silence is not work: a gateway that has not answered in time is
asked for its `/healthz`, and only if it answers that is it waited for.

Each exchange runs in a thread of its own, because nothing else bounds the time in which a name is looked up.
"""

from __future__ import annotations

import _thread
import time

from .selection import MAX_WAIT

TYPE_CHECKING = False  # as in `typing`, which would be dear to import on the short way
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SILENCE = 3.9  # seconds since the start, before which a busy machine has needed some tenths for Python
HURRY = 3.4  # the same, for who has something to hand out that still lives
WORK = 25.0  # seconds since the start, for a gateway that is at work
PROBE = 1.0  # seconds before the end of `silence`, in which `/healthz` must answer


class Deadline:
    """`began` is the time of the start, as `clock` tells it; `silence` and `work` are seconds since then. `at_work`
    hears how many seconds there are still to wait, once it is clear that the gateway is at work."""

    def __init__(
        self,
        began: float,
        silence: float = SILENCE,
        work: float = WORK,
        at_work: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.began = began
        self.silence = silence
        self.work = work
        self.at_work = at_work
        self.clock = clock

    def left(self) -> float:
        """Seconds."""
        return max(self.began + self.silence - self.clock(), 0.0)

    def kept(self, call: Callable[[], Any], is_alive: Callable[[], bool]) -> Any:
        """What `call` returns or raises. TimeoutError when the time is over before; and when there is none left at all,
        nothing is begun: a renewal whose answer nobody takes would spend the refresh token."""
        if not self.left():
            raise TimeoutError("timed out")
        errand = Errand(call)
        if self.silence < self.work and not errand.ended(self.left() - PROBE):
            probe = Errand(is_alive)
            if probe.ended(self.left()) and probe.result:
                self.go_on()
        return errand.brought(self.left())

    def go_on(self) -> None:
        self.silence = self.work
        if self.at_work is not None:
            self.at_work(self.left())


def since(start: float) -> float:
    """Who waited longer for a lock than is usual, because that was wished for (`--max-wait`) or because the gateway
    was at work, has not used up the time of the gateway."""
    now = time.monotonic()
    return start if now - start <= MAX_WAIT else now - SILENCE + PROBE


def hurried(began: float) -> Deadline:
    return Deadline(began, HURRY, HURRY)


class Errand:
    """A call in a thread of its own. `_thread`, since `threading` is one more thing to import; who gives up on it
    leaves it behind, and it ends with the program."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.result: Any = None
        self.problem: BaseException | None = None
        self.running = _thread.allocate_lock()
        self.running.acquire()
        _thread.start_new_thread(self.run, ())

    def run(self) -> None:
        try:
            self.result = self.call()
        except BaseException as problem:  # whatever it is, it is raised where somebody waits
            self.problem = problem
        finally:
            self.running.release()

    def ended(self, seconds: float) -> bool:
        if not self.running.acquire(timeout=max(seconds, 0.0)):
            return False
        self.running.release()
        return True

    def brought(self, seconds: float) -> Any:
        if not self.ended(seconds):
            raise TimeoutError("timed out")
        if self.problem is not None:
            raise self.problem
        return self.result
