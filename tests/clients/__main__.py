"""The table of real clients: `python -m tests.clients`, or only the ways with all of the words given."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.clients.cells import table
from tests.clients.clients import everyone
from tests.clients.play import play
from tests.clients.stage import open_stage
from tests.clients.ways import WAYS
from tests.servers.redis_server import RedisServer
from tests.world import open_world


def main(words: list[str]) -> int:
    started, cells = time.perf_counter(), []
    clients = [client for client in everyone() if client.program is not None]
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        redis = ends.enter_context(RedisServer(folder))
        world = ends.enter_context(open_world(folder, redis.url))
        (folder / "stage").mkdir()
        stage = ends.enter_context(open_stage(world, folder / "stage"))
        for way in WAYS:
            if all(word in way.name for word in words):
                cells += play(stage, way, clients)
    print("\n".join(table(cells)))
    for client in everyone():
        if client.program is None:
            print(f"\n{client.name} IS NOT HERE: tests/install says what it takes")
    print(f"\n{len(cells)} cells in {time.perf_counter() - started:.0f} s")
    return 1 if any(one.wrong for one in cells) or not cells else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
