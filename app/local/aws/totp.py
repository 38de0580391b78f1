"""One-time codes of virtual MFA devices: RFC 6238 with SHA-1, six digits, thirty seconds.

A code counts in its own thirty seconds and in those before and after, and only once: whoever looks over a
shoulder must not use it again (RFC 6238, 5.2).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

STEP_SECONDS = 30
WINDOW = 1
DIGITS = 6


def code(seed: bytes, step: int) -> str:
    """HOTP of the step's number (RFC 4226, 5.3)."""
    digest = hmac.new(seed, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(seed: bytes, given: str, now: datetime, after: int) -> int | None:
    """The step that this code belongs to, if it is one that counts now and comes later than `after`."""
    around = range(step_at(now) - WINDOW, step_at(now) + WINDOW + 1)
    return next((step for step in around if step > after and _is(seed, step, given)), None)


def consecutive_steps(seed: bytes, first: str, second: str, now: datetime) -> int | None:
    """The step of the second of two codes that follow each other; the second must count now."""
    around = range(step_at(now) - WINDOW, step_at(now) + WINDOW + 1)
    return next((step for step in around if _is(seed, step - 1, first) and _is(seed, step, second)), None)


def _is(seed: bytes, step: int, given: str) -> bool:
    return hmac.compare_digest(code(seed, step).encode(), given.encode())
