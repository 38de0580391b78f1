"""A worker that leads a flight and never lands: `python -m tests.store.leading URL KEY-IN-HEX NAME`, to be killed."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer


def fetch() -> str:
    sys.stdout.write("leading\n")
    sys.stdout.flush()
    time.sleep(60)
    return "never"


if __name__ == "__main__":
    url, key, name = sys.argv[1:]
    Flights(connect(url), Sealer([bytes.fromhex(key)])).share(name, lambda: None, fetch, timedelta(seconds=60))
