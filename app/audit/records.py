"""One record of the chain: as a line, and read again."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from app.core.events import Event
from app.errors import AuditUnavailable

START = "0" * 64


def line_of(number: int, before: str, now: datetime, event: Event) -> bytes:
    entry = {
        "n": number,
        "at": now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "kind": str(event.kind),
        "provider": event.provider,
        "subject": event.subject,
        "name": event.name,
        "address": event.address,
        "reference": event.reference,
        "facts": dict(event.facts),
        "before": before,
    }
    # ASCII JSON: a line break or an escape sequence in a claim cannot start a line of its own.
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode()


def number_in(line: bytes) -> int | None:
    """The number of a record; None for what is not one."""
    try:
        entry = json.loads(line)
        number, before = entry["n"], entry["before"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return number if isinstance(number, int) and isinstance(before, str) else None


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def unavailable(error: Exception) -> AuditUnavailable:
    return AuditUnavailable(
        "The gateway cannot write its audit journal, so it gives nothing out. Tell the people who run it.",
        reason=f"audit.{type(error).__name__}",
        retry_after=30,
    )
