"""SAML's moments: xs:dateTime in UTC (core 1.3.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from app.providers.refusals import refused

SKEW = timedelta(seconds=60)
LONGEST = timedelta(minutes=10)

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
# Some write the calendar's last moment for "never" (.NET's DateTime.MaxValue); no clock's skew can be added to that.
_NEVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def instant(text: str | None, reason: str) -> datetime:
    """The moment, aware and in UTC. Raises SignInRefused with `reason` if it is absent or not in UTC."""
    match = _INSTANT.fullmatch(text or "")
    if match is None:
        raise refused(reason)
    try:
        seconds = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError as impossible:
        raise refused(reason) from impossible
    return min(seconds.replace(microsecond=int((match[2] or "0")[:6].ljust(6, "0"))), _NEVER)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
