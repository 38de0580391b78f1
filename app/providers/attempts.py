"""How old an attempt may be. The room that stores attempts lets them expire as well; this does not depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.providers.refusals import refused

LONGEST = timedelta(minutes=10)


def marked(kept: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What an attempt keeps, with the moment of departure."""
    return {**kept, "departed": str(int(now.timestamp()))}


def check_age(kind: str, kept: Mapping[str, str], now: datetime) -> None:
    """Raises SignInRefused for an attempt of more than ten minutes ago, of the future, or without a date."""
    departed = kept.get("departed", "")
    if not (departed.isascii() and departed.isdigit() and len(departed) < 12):
        raise refused(f"{kind}.attempt")
    age = now - datetime.fromtimestamp(int(departed), UTC)
    if age > LONGEST:
        raise refused(f"{kind}.started-too-long-ago")
    if age < timedelta(seconds=-60):
        raise refused(f"{kind}.attempt")
