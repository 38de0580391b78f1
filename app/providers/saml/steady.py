"""Refusals that take equally long, whatever step refused.

Decryption that fails early and a signature that fails late differ by milliseconds; averaged over many tries that is
an answer to "was this ciphertext well formed?", which is all that the attacks on XML Encryption need. Algorithms with
such an oracle are refused or signed outside (`answers`); this takes the measure away as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.errors import GatewayError

# Seconds. Above what an encrypted answer of usual size costs from end to end (10 to 20 ms, see tests.bench.oracle).
FLOOR = 0.1


@dataclass(frozen=True, slots=True)
class Steady:
    floor: float = FLOOR
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """A refusal inside leaves no sooner than the floor after it began. The number that may be sleeping at once is
        bounded by the limit on answers of an address."""
        began = self.monotonic()
        try:
            yield
        except GatewayError:
            self.sleep(max(0.0, began + self.floor - self.monotonic()))
            raise
