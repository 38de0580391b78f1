"""What has ended is on record afterwards, and an end that cannot be recorded is still one."""

from __future__ import annotations

import logging
from typing import Protocol

from app.core.events import Event
from app.errors import AuditUnavailable

_LOG = logging.getLogger("fedgate.audit")


class _Journal(Protocol):
    def record(self, event: Event) -> None: ...


def record_end(audit: _Journal, event: Event) -> None:
    """Somebody's own sign-out, or an alarm that ended a session. It waits for no journal: with a full disk nobody could
    leave a computer that is not theirs, and an answer of 503 would tell them that they are still signed in. What the
    journal misses stands in the log, as an error.

    Not for what one person does to another: that is recorded before, or not done."""
    try:
        audit.record(event)
    except AuditUnavailable as gone:
        told = {"kind": str(event.kind), "provider": event.provider, "subject": event.subject, **event.facts}
        told |= {"address": event.address, "reference": event.reference, "reason": gone.reason}
        _LOG.error("a session has ended, and the journal does not have it", extra={"facts": told})
