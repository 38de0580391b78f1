"""Keeps looking while something happens: processes come and go faster than a search at the end could see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tests.leaks.search import Place

EVERY = 0.02  # seconds; a CLI command takes at least five times as long


@contextmanager
def watching(look: Callable[[], Iterable[Place]]) -> Iterator[list[Place]]:
    """The list fills with every place that was seen with another content than before."""
    seen: dict[bytes, Place] = {}
    found: list[Place] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            for place in look():
                if place.content not in seen:
                    seen[place.content] = place
                    found.append(place)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
