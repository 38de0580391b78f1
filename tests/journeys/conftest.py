"""Chromium, and people at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import needs
from tests.journeys.careful import Careful, open_careful
from tests.journeys.company import Company, open_company
from tests.journeys.person import People, Person
from tests.patience import SECONDS
from tests.world import World

# No sandbox: root has none in Chromium. The rest keeps it from asking other hosts for anything.
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync "
    "--disable-component-update --disable-dev-shm-usage --no-proxy-server"
).split()
# Playwright switches it off; people have it, and it is what the back button shows after sign-out.
PEOPLE_HAVE = ["--disable-back-forward-cache"]


@pytest.fixture(scope="session")
def company(world: World) -> Iterator[Company]:
    with open_company(world) as found:
        yield found


@pytest.fixture(scope="package")
def careful(world: World) -> Iterator[Careful]:
    with open_careful(world) as found:
        yield found


# Ends with this folder: while it runs, Playwright's event loop stands in the way of everybody else's.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=SECONDS * 1000)  # playwright's own five seconds are short on a busy machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=needs.chromium(), args=ARGUMENTS, ignore_default_args=PEOPLE_HAVE, timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture
def people(chromium: Browser, world: World) -> Iterator[People]:
    """Each with a browser profile of their own; at the gateway of the story, if no other is named."""
    with ExitStack() as ends:

        def come(key: str, gateway: str = "", **context: Any) -> Person:
            made = chromium.new_context(**context)
            ends.callback(made.close)
            return Person(key, made, gateway or world.main.url, scripts=context.get("java_script_enabled", True))

        yield come


@pytest.fixture
def alice(people: People) -> Person:
    return people("alice")


@pytest.fixture
def bob(people: People) -> Person:
    return people("bob")
