"""The search comes last of all: it looks at what the whole run has left behind."""

from __future__ import annotations

import pytest

LAST = ("tests/leaks/", "tests/leaks/test_nothing_leaked.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: sum(item.nodeid.startswith(part) for part in LAST))  # stable: the rest stays
