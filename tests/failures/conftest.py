"""One office for the module, with a Redis of its own that may be killed, and Alice at work in it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import requests

from tests.office import Office, open_office
from tests.patience import without_waiting
from tests.prompt import Tokens
from tests.servers.browser import Browser
from tests.servers.redis_server import RedisServer
from tests.world import World


@dataclass(frozen=True, slots=True)
class Scene:
    """An office, what it stands on, and Alice's browser and terminal."""

    office: Office
    redis: RedisServer
    alice: Browser
    tokens: Tokens

    @property
    def url(self) -> str:
        return self.office.url

    def is_ready(self) -> tuple[int, dict[str, str]]:
        answer = requests.get(f"{self.url}/readyz", timeout=60)
        return answer.status_code, answer.json()["checks"]


@pytest.fixture(scope="module")
def scene(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        RedisServer(tmp_path_factory.mktemp("redis")) as redis,
        open_office(world, environment={"FEDGATE_REDIS_URL": redis.url}) as office,
    ):
        yield Scene(office, redis, *office.terminal("alice"))


def in_time(ask: Callable[[], requests.Response]) -> requests.Response:
    """The answer, which came soon: people and programs wait for a gateway that cannot help them."""
    with without_waiting(60):
        return ask()


def is_problem(answer: requests.Response, status: int, code: str) -> None:
    """problem+json as documented, and a reference."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = json.loads(answer.text)
    assert (said["status"], said["code"]) == (status, code)
    assert said["detail"]
    assert len(said["reference"]) == 9


def is_page(answer: requests.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
    assert f"<code>{code}</code>" in answer.text


@contextmanager
def frozen(redis: RedisServer) -> Iterator[None]:
    """A Redis that takes connections and never answers: a full disk, a stopped virtual machine."""
    redis.process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        redis.process.signal(signal.SIGCONT)
