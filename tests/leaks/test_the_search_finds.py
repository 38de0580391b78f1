"""A search that finds nothing must be able to find something: canaries, one for each kind of place."""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from tests.leaks.planted import Planted, Watched
from tests.leaks.search import Place, arguments, kept, leaks, written
from tests.leaks.watching import watching
from tests.patience import until
from tests.servers.redis_server import RedisServer

CANARY = f"canary/{secrets.token_urlsafe(60)}+=="
SOUGHT = {CANARY: "canary"}


@pytest.mark.parametrize(
    "words",
    [
        CANARY,
        f"code={quote(CANARY, safe='')}&x",
        base64.b64encode(CANARY.encode()).decode(),
        f"cut off: {CANARY[:40]}...",
        f"...{CANARY[len(CANARY) // 2 :]}",
    ],
    ids=["plain", "in an address", "as base64", "its beginning", "its end"],
)
def test_in_a_log(tmp_path: Path, words: str) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gateway.log").write_text(f"one line\nrefused: {words}\n")
    assert leaks(SOUGHT, written(tmp_path)) == [f"canary in {tmp_path.name}/logs/gateway.log"]


def test_in_a_journal(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "audit-2026-11-21.jsonl").write_text(f'{{"facts":{{"device":"{CANARY}"}}}}\n')
    assert leaks(SOUGHT, written(tmp_path)) == [f"canary in {tmp_path.name}/audit/audit-2026-11-21.jsonl"]


@pytest.mark.parametrize("put", ["name", "value", "hash"])
def test_in_redis(start_redis: Callable[[], RedisServer], tmp_path: Path, put: str) -> None:
    server = start_redis()
    with redis.from_url(server.url) as client:
        match put:
            case "name":
                client.set(f"fg:browser:{CANARY}", "sealed")
            case "value":
                client.set("fg:browser:00", f"not sealed: {CANARY}")
            case _:
                client.hset("fg:browser:00", "f", CANARY)
    assert leaks(SOUGHT, kept(Watched("", tmp_path, server.url))) == ["canary in Redis, a key of fg:browser"]


def ended_soon() -> bool:
    command = [sys.executable, "-c", "import time; time.sleep(0.4)", CANARY]
    return subprocess.run(command, check=False).returncode == 0


def test_in_the_arguments_of_a_process_that_soon_ends() -> None:
    with watching(arguments) as seen:
        until(lambda: ended_soon() and any(CANARY.encode() in place.content for place in seen))
    assert set(leaks(SOUGHT, seen)) == {"canary in the arguments of a process"}


@pytest.mark.parametrize(
    "words",
    [
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSIsImF1ZCI6Im1lIn0.c2lnbmF0dXJl",
        "SAMLResponse PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxw",
        f"-----BEGIN RSA {'PRIVATE KEY'}-----",
        "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_what_only_looks_like_a_secret(words: str) -> None:
    assert len(leaks({}, [Place("a log", words.encode())])) == 1


def test_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "gateway.log").write_text('{"level":"info","reason":"saml.signature","reference":"K7Q2-M9XA"}\n')
    assert leaks(SOUGHT, written(tmp_path)) == []


def test_a_short_or_weak_value_is_not_sought() -> None:
    """`password=guess` stands in no log because of us, and `guess` may well stand there."""
    planted = Planted()
    planted.plant("password", "guess")
    assert planted.secrets() == {}
