"""How long a refusal takes, by the step that failed: the time, too, may say nothing of what was inside.

    python -m tests.bench.oracle [rounds]

Encrypted answers, each broken in another way, posted in turn to a running gateway. The last column is the median
beside the quickest median: without the steady refusal (`app.providers.saml.steady`) it would be several times it.
Exit code 1 if one of them is more than half as long again.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.catalogue import homes
from tests.catalogue.saml_encrypted import HOMES, broken
from tests.catalogue.stage import Stage
from tests.catalogue.visits import SamlVisit
from tests.servers.redis_server import RedisServer
from tests.world import open_world

_MOST = 1.5  # times the quickest


def measured(stage: Stage, rounds: int) -> dict[str, float]:
    """Medians in milliseconds. One of each kind after the other, so that a busy moment slows all of them down."""
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, (_, make) in broken().items():
            visit = SamlVisit.begin(stage, "sealed")
            took.setdefault(name, []).append(visit.post(make(visit)).milliseconds)
    return {name: statistics.median(times) for name, times in took.items()}


def main(rounds: int) -> int:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        redis = ends.enter_context(RedisServer(folder))
        world = ends.enter_context(open_world(folder, redis.url))
        medians = measured(ends.enter_context(homes.open_stage(world, {**homes.HOMES, **HOMES})), rounds)
    least = min(medians.values())
    for name, milliseconds in medians.items():
        print(f"{name:<32} {milliseconds:8.1f} ms {milliseconds / least:6.2f} x")
    return 1 if max(medians.values()) > _MOST * least else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 25))
