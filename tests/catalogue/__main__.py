"""The catalogue as a table: `python -m tests.catalogue`, or only rows with all of the words given."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.catalogue.homes import open_stage
from tests.catalogue.table import HOMES, all_rows, played, summary
from tests.servers.redis_server import RedisServer
from tests.world import open_world


def main(words: list[str]) -> int:
    rows = [row for row in all_rows() if all(word in row.id for word in words)]
    results = []
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        redis = ends.enter_context(RedisServer(folder))
        stage = ends.enter_context(open_stage(ends.enter_context(open_world(folder, redis.url)), HOMES))
        print(f"{'id':<64} {'expected':<8} {'got':<44} {'ms':>7}")
        started = time.perf_counter()
        for result in played(rows, stage):
            results.append(result)
            print(result.line, flush=True)
    print(summary(results, started))
    return 1 if any(result.wrong for result in results) or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
