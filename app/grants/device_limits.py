"""How often a device sign-in may be begun, and codes be tried; counted in Redis, so over all workers and replicas.

Whoever tries codes is signed in, and stands for it by name. Of 43 bits, with a hundred codes waiting, all of a window's
guesses together find one with a chance of one in 170 million (RFC 8628 section 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.issuance import Principal
from app.store.counters import Counters

# Looking at what a code stands for counts, and so does answering: an honest sign-in spends two.
GUESSES_OF_A_PERSON, GUESSES_OF_AN_ADDRESS, GUESSES = 20, 200, 600
_GUESSING = timedelta(minutes=5)
BEGUN_AT_AN_ADDRESS, BEGUN = 30, 1_200  # a machine that many people share by ssh is one address
_BEGINNING = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeviceLimits:
    """Each raises TooManyRequests. The narrow limit is first, so that one person cannot spend everybody's."""

    counters: Counters

    def begin(self, address: str) -> None:
        self.counters.spend_of_address("device.begin", address, BEGUN_AT_AN_ADDRESS, _BEGINNING)
        self.counters.spend("device.begin.all", "", BEGUN, _BEGINNING)

    def guess(self, principal: Principal) -> None:
        self.counters.spend("device.guess", principal.key, GUESSES_OF_A_PERSON, _GUESSING)
        self.counters.spend_of_address("device.guess.address", principal.address, GUESSES_OF_AN_ADDRESS, _GUESSING)
        self.counters.spend("device.guess.all", "", GUESSES, _GUESSING)
