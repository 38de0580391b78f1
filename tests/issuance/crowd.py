"""Many requests at the same moment, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.leaks.planted import PLANTED
from tests.prompt import Tokens

PATIENCE = 90.0  # seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request came to. `status` 0: the connection was dropped before an answer."""

    asked: Tokens
    role: str
    status: int
    body: dict[str, object] = field(default_factory=dict, repr=False)
    retry_after: str = ""

    @property
    def key(self) -> object:
        return self.body.get("AccessKeyId")


def once(url: str, tokens: Tokens, role: str, minutes: int = 60) -> Outcome:
    wish = {"role_arn": role, "duration_minutes": minutes}
    try:
        with requests.Session() as http:
            http.trust_env = False
            answer = http.post(f"{url}/api/v1/credentials", json=wish, headers=tokens.header, timeout=PATIENCE)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return Outcome(tokens, role, 0)
    PLANTED.plant_json(answer.text)
    return Outcome(tokens, role, answer.status_code, answer.json(), answer.headers.get("Retry-After", ""))


@contextmanager
def crowd(url: str, wishes: Sequence[tuple[Tokens, str]], minutes: int = 60) -> Iterator[list[Future[Outcome]]]:
    """All of them let go at once; the block runs while they wait."""
    gate = threading.Barrier(len(wishes))

    def go(tokens: Tokens, role: str) -> Outcome:
        gate.wait()
        return once(url, tokens, role, minutes)

    with ThreadPoolExecutor(len(wishes)) as pool:
        yield [pool.submit(go, tokens, role) for tokens, role in wishes]


def all_at_once(url: str, wishes: Sequence[tuple[Tokens, str]], minutes: int = 60) -> list[Outcome]:
    """`minutes`: credentials of another length are other credentials, so that tests do not reuse each other's."""
    with crowd(url, wishes, minutes) as coming:
        return [future.result(PATIENCE) for future in coming]
