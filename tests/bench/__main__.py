"""What a request costs beside the cheapest one that this gateway answers (`/healthz`), medians of 200.

    python -m tests.bench

The last column is the measurement: milliseconds change with the machine, the ratio hardly.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tests.servers.browser import Browser, User
from tests.terminals import sign_in_terminal
from tests.world import DEVELOPER, UPDATE_APP, World, open_world

_TIMES = 200


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, open_world(Path(folder), "") as world:
        rows = _measured(world)
    base = rows["/healthz"]
    for name, milliseconds in rows.items():
        print(f"{name:<44} {milliseconds:8.2f} ms {milliseconds / base:8.2f} x")
    return 0


def _measured(world: World) -> dict[str, float]:
    url = world.main.url
    browser = Browser()
    browser.sign_in(browser.open(f"{url}/signin/corp"), User("alice"))
    tokens = sign_in_terminal(url, browser)
    terminal = requests.Session()
    terminal.trust_env = False
    terminal.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def credentials(role: str, minutes: int | None = None) -> None:
        body = {"role_arn": role} | ({} if minutes is None else {"duration_minutes": minutes})
        terminal.post(f"{url}/api/v1/credentials", json=body, timeout=30).raise_for_status()

    return {
        "/healthz": _median(lambda: terminal.get(f"{url}/healthz", timeout=30)),
        "/readyz": _median(lambda: terminal.get(f"{url}/readyz", timeout=30)),
        "my roles, page": _median(lambda: browser.http.get(f"{url}/", timeout=30)),
        "my roles, API": _median(lambda: terminal.get(f"{url}/api/v1/roles", timeout=30)),
        "credentials, from the cache": _median(lambda: credentials(UPDATE_APP)),
        "credentials, minted, saml": _each(lambda n: credentials(UPDATE_APP, 15 + n)),
        "credentials, minted, web_identity": _each(lambda n: credentials(DEVELOPER, 15 + n)),
    }


def _median(act: Callable[[], object]) -> float:
    for _ in range(10):
        act()
    return statistics.median(_timed(act) for _ in range(_TIMES))


def _each(act: Callable[[int], object]) -> float:
    """Each with another length, so that none is in the cache; no more than the quota of a minute."""
    return statistics.median(_timed(lambda n=n: act(n)) for n in range(20))


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
