"""Kernel locks with a bounded wait.

Only the kernel's: Terraform kills its helpers with SIGKILL, and a lock made of a directory or a pid file would
outlive them. The lock file itself is never removed, because removing it lets two processes hold "the" lock.
"""

from __future__ import annotations

import os
import sys
import time

from . import private_files
from .failures import BUSY, USAGE, Failure

if sys.platform == "win32":
    from . import on_windows as system
else:
    from . import on_posix as system

PAUSE = 0.02  # seconds between two tries
LONGEST = 25.0  # seconds for which a holder may ask; more would be a clock that was moved


class Lock:
    """`with Lock(path, seconds):` holds the lock of that file, or raises exit code 6 when the wait ends."""

    def __init__(self, path: str, seconds: float) -> None:
        self.path = path + ".lock"
        self.seconds = seconds
        self.descriptor = -1

    def __enter__(self) -> Lock:
        private_files.directory(os.path.dirname(self.path))
        try:
            self.descriptor = system.open_lock(self.path)
        except OSError as problem:
            raise private_files.refusal(self.path, problem) from None
        try:
            self.wait()
        except BaseException:
            os.close(self.descriptor)
            raise
        return self

    def wait(self) -> None:
        began = time.monotonic()
        while not self.taken():
            waited = time.monotonic() - began
            if waited >= self.seconds and not (waited < LONGEST and self.holder_is_busy()):
                raise Failure(BUSY, f"another fedgate is still busy after {self.seconds:g} s; try again later")
            time.sleep(PAUSE)

    def busy_for(self, seconds: float) -> None:
        """Tells who waits for this lock that it pays to go on waiting, at most for so long."""
        try:
            os.ftruncate(self.descriptor, 0)
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            os.write(self.descriptor, str(int(time.time() + seconds)).encode())
        except OSError:  # a full disk: the others give up sooner, and we are not in their way
            pass

    def holder_is_busy(self) -> bool:
        """A holder that was killed says nothing any more: its lock is free."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        said = os.read(self.descriptor, 20)
        return said.isdigit() and 0 < int(said) - time.time() <= LONGEST

    def taken(self) -> bool:
        try:
            return system.take(self.descriptor)
        except OSError as problem:
            sentence = f"{self.path} cannot be locked ({problem.strerror}); set FEDGATE_CACHE_DIR to a local directory"
            raise Failure(USAGE, sentence) from None

    def __exit__(self, *_: object) -> None:
        system.let_go(self.descriptor)
