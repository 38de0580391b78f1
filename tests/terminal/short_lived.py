"""A gateway whose device codes live for six seconds, for the test that waits for their end."""

from __future__ import annotations

from datetime import timedelta

from app.grants import device
from app.server import application

device.CODE_LIFE = timedelta(seconds=6)
app = application()
