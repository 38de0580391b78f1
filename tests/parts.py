"""A run in several parts at once: `pytest -n 3`, which is what `tests/run` does on two cores.

A module stays whole and in its order, since its tests share servers. The longest begin, so that the parts end together;
the search for leaks comes last, and stays whole as well. Each part has a world, a Redis and ports of its own.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LEAKS = "tests/leaks/"
_THE_END = f"{LEAKS}test_nothing_leaked.py"
_LONGEST = ("tests/journeys/", "tests/clients/", "tests/real_providers/", "tests/native/", "tests/issuers/")


class ByModule(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        return LEAKS if nodeid.startswith(LEAKS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByModule:
    return ByModule(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)  # stable: the rest stays


def _turn(item: pytest.Item) -> tuple[bool, bool, bool]:
    module = item.nodeid.partition("::")[0]
    return not module.startswith(_LONGEST), module.startswith(LEAKS), module == _THE_END
