"""What a run has left behind: in logs, journals, Redis, error pages and the arguments of processes.

Each part of a run (`tests/parts.py`) searches what itself has planted, when it ends: `tests/conftest.py`.
"""

from __future__ import annotations

from tests.leaks.planted import PLANTED, Watched
from tests.leaks.search import Place, arguments, kept, leaks, written
from tests.servers.people import PEOPLE
from tests.world import World


def left_behind(world: World) -> list[str]:
    """What was found where, a sentence each."""
    PLANTED.plant("password", *(person.password for person in PEOPLE))
    PLANTED.plant_json((world.stack / "aws.json").read_text("utf-8"))  # every session that AWS has given out
    everywhere = [*logs(world), *in_redis(PLANTED.watched()), *arguments()]
    return leaks(PLANTED.secrets(), everywhere) + leaks(PLANTED.not_for_pages(), error_pages())


def logs(world: World) -> list[Place]:
    return [*written(world.folder), *(place for one in PLANTED.watched() for place in written(one.folder))]


def in_redis(watched: list[Watched]) -> list[Place]:
    each = {one.redis_url: one for one in watched}  # gateways share one
    return [place for one in each.values() for place in kept(one)]


def error_pages() -> list[Place]:
    return [Place(f"{page.status} of {page.address}", page.body) for page in PLANTED.pages()]
