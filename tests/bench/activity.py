"""Looking things up in 200,000 events, beside an empty page of the same gateway.

    python -m tests.bench.activity

Each row is one page, as an administrator's browser gets it; none may take 300 ms.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.activity import ActivityBook, Entry
from app.core.identity import Person
from app.database.engine import Database
from tests.office import Office, open_office
from tests.servers.redis_server import RedisServer
from tests.world import World, open_world

EVENTS, PEOPLE, LONGEST = 200_000, 5_000, 300  # milliseconds
_TIMES = 15
_KINDS = (*["credentials.reused"] * 8, *["credentials.issued"] * 4, *["signin.accepted"] * 2, "console.opened")
_TOP = 'admins = [{ provider = "corp-oidc", groups = ["Admins"] }]'
ROWS = {
    "an empty page": "/admin/activity?account=12",
    "the newest": "/admin/activity",
    "a person who did much": "/admin/activity?name=person.1",
    "a person who did little": "/admin/activity?name=person.4999@",
    "nobody of that name": "/admin/activity?name=nobody",
    "an AccessKeyId": f"/admin/activity?access_key_id=ASIA{777:016}",
    "the beginning of all of them": "/admin/activity?access_key_id=ASIA*",
    "a network": "/admin/activity?address=192.0.3.*",
    "a role that nobody took": "/admin/activity?role=Nothing",
    "a rare kind": "/admin/activity?kind=thirdparty.",
    "a day of a year ago": "/admin/activity?from=2026-01-02&to=2026-01-02&name=nobody",
    "who is signed in": "/admin/people",
    "people by a part of their name": "/admin/people?q=person.77",
}


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer(Path(folder)) as redis,
        open_world(Path(folder), redis.url) as world,
    ):
        rows = measured(world)
    base = rows["an empty page"]
    for name, milliseconds in rows.items():
        print(f"{name:<44} {milliseconds:8.2f} ms {milliseconds / base:8.2f} x")
    return int(max(rows.values()) >= LONGEST)


def measured(world: World) -> dict[str, float]:
    with open_office(world, top=_TOP) as office:
        book = ActivityBook(Database(f"sqlite:///{office.gateway.folder}/fedgate.db"))
        fill(book, datetime.now(UTC))
        return {name: _median(_opening(office, path)) for name, path in ROWS.items()}


def fill(book: ActivityBook, now: datetime) -> None:
    chance, batch = random.Random(1), 5_000  # noqa: S311  the same events each time
    entries = _entries(chance, now)
    for _ in range(EVENTS // batch):
        book.add([next(entries) for _ in range(batch)])


def _entries(chance: random.Random, now: datetime) -> Iterator[Entry]:
    n = 0
    while True:
        who, kind = chance.randrange(PEOPLE), chance.choice(_KINDS)
        account = f"{100_000_000_000 + who % 40}"
        role = "" if kind == "signin.accepted" else f"arn:aws:iam::{account}:role/Role{n % 300}"
        key = f"ASIA{n // 3:016}" if role else ""
        person = Person("corp-oidc", f"s-{who}")
        yield Entry(
            hashlib.sha256(str(n).encode()).hexdigest(),
            now - timedelta(seconds=150 * n),
            kind,
            person.provider,
            person.subject,
            f"person.{who}@example.test",
            account if role else "",
            role,
            key,
            f"192.0.{who % 250}.{n % 250}",
            f"{n:08X}",
            {"session": f"{who:012x}", "role": role, "access_key_id": key, "rule": "developers", "group": "aws-dev"},
        )
        n += 1


def _opening(office: Office, path: str) -> Callable[[], object]:
    browser = office.arrive("carla")
    return lambda: browser.http.get(f"{office.url}{path}", timeout=30).raise_for_status()


def _median(act: Callable[[], object]) -> float:
    act()
    found = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found)


if __name__ == "__main__":
    sys.exit(main())
