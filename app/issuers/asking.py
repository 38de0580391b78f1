"""How often AWS is asked, where, and for how long.

    try ── refused ────────────────────────────────────────► the caller hears it
     └─ throttled, down, region off ── a moment ── the next region ── ... ── the last failure

What is retried is what AWS says may be (STS API Reference, "Common Errors"; botocore's own retries are off, so that
there is one count and one clock). A repeated AssumeRole only makes a second session. A call with an MFA code is
repeated only where AWS cannot have seen the code: each works once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import TypeVar

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own, which is not Python's
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from app.issuers.circuits import Circuits
from app.issuers.refusals import OF_OTHERS, REGION_DISABLED, THROTTLED, code_of, is_passing, plain_code, unavailable
from app.issuers.within import within

CONNECT_SECONDS, READ_SECONDS = 1.5, 5.0
# Seconds for everything that one session needs: two whole tries, and two clients to be made on a busy machine.
DEADLINE = 15.0
_LONGEST_TRY = CONNECT_SECONDS + READ_SECONDS
_TRIES = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0  # seconds; the most that chance may make of them

T = TypeVar("T")


class Verdict(Enum):
    REFUSED = auto()  # AWS has answered; asking again changes nothing
    BUSY = auto()  # AWS has answered that it has no time, or that somebody else had none for it
    ELSEWHERE = auto()  # not in this region
    UNREACHED = auto()  # nothing of the call has arrived
    DOWN = auto()  # no answer, or none that makes sense; the call may have arrived


@dataclass(frozen=True, slots=True)
class Asking:
    """`clock` counts seconds and never goes back; `chance` gives numbers from 0 to 1."""

    circuits: Circuits
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    chance: Callable[[], float]

    def until(self, seconds: float = DEADLINE) -> float:
        """The deadline of work that begins now."""
        return self.clock() + seconds

    def ask(
        self, service: str, regions: Sequence[str], call: Callable[[str], T], until: float, *, once: bool = False
    ) -> T:
        """The answer of `call(region)`, or what it raised last. `once`: the call carries what works once only.

        Raises AwsUnavailable when all regions rest, or time has run out before there was anything to raise.
        """
        problem: Exception = unavailable("aws.circuit-open")
        for number in range(_TRIES):
            region = self._open(service, regions, number)
            if region is None:
                break
            if self.clock() + _LONGEST_TRY > until:
                problem = problem if number else unavailable("aws.deadline")
                break
            try:
                answer = within(_LONGEST_TRY, partial(call, region), f"{service} {region}")
            except (ClientError, HTTPClientError, ConnectionError, ResponseParserError, KeyError) as error:
                verdict = judged(error)
                self._note(f"{service} {region}", verdict)
                if verdict is Verdict.REFUSED or once and verdict is Verdict.DOWN:
                    raise
                problem = error
            else:
                self.circuits.answered(f"{service} {region}")
                return answer
            if number < _TRIES - 1:
                self._pause(number, until)
        raise problem

    def _open(self, service: str, regions: Sequence[str], number: int) -> str | None:
        """The region whose turn it is; one that has just failed somebody comes after one that has not."""
        start = number % len(regions)
        turns = (*regions[start:], *regions[:start])
        best = sorted(turns, key=lambda region: self.circuits.is_doubtful(f"{service} {region}"))
        return next((region for region in best if self.circuits.may_ask(f"{service} {region}")), None)

    def _note(self, name: str, verdict: Verdict) -> None:
        if verdict in (Verdict.DOWN, Verdict.UNREACHED):
            self.circuits.failed(name)
        else:
            self.circuits.answered(name)

    def _pause(self, number: int, until: float) -> None:
        """Full jitter: those who failed together must not come back together."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)
        self.sleep(max(0.0, min(self.chance() * longest, until - self.clock())))


def judged(error: Exception) -> Verdict:
    match error:
        case ClientError() if code_of(error) in THROTTLED | OF_OTHERS:
            return Verdict.BUSY
        case ClientError() if plain_code(error) == REGION_DISABLED:
            return Verdict.ELSEWHERE
        case ClientError():
            return Verdict.DOWN if is_passing(error) else Verdict.REFUSED
        case ReadTimeoutError():
            return Verdict.DOWN
        case ConnectTimeoutError() | EndpointConnectionError():
            return Verdict.UNREACHED
        case _:
            return Verdict.DOWN
