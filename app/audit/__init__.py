"""Book 3: what happened, written before the act.

One JSON line for each event, in files of one day each (`audit-2026-11-21.jsonl`) or on standard output.
Each line holds the SHA-256 of the line before it, so a removed or altered line shows (`verify`). All
workers of a machine append to one chain: a kernel lock on the directory orders them, and the line is on the
disk (fdatasync) before `record` returns. If it cannot be written, `AuditUnavailable` stops whatever wanted
to happen: no record, no credentials. Only an end is never held up (`record_end`).

Every replica writes its own directory. Ship the files with what you ship logs with; the chain lets the far
end prove that nothing is missing.

Lines have this shape; `facts` depends on `kind` (`core.events.Kind`):

    {"n": 41, "at": "2026-11-21T20:28:06.123456Z", "kind": "credentials.issued", "provider": "corp",
     "subject": "alice", "name": "alice@example.com", "address": "192.0.2.7", "reference": "K7Q2-M9XA",
     "facts": {"role": "arn:aws:iam::...", "access_key_id": "ASIA..."}, "before": "<64 hex>"}
"""

from __future__ import annotations

from typing import Protocol

from app.audit.ends import record_end
from app.audit.files import JournalFiles
from app.audit.stream import JournalStream
from app.audit.verification import verify
from app.core.events import Event

__all__ = ["Audit", "JournalFiles", "JournalStream", "record_end", "verify"]


class Audit(Protocol):
    def record(self, event: Event) -> None:
        """Returns when the event is safely written; raises AuditUnavailable otherwise."""
        ...

    def ready(self) -> None:
        """Raises AuditUnavailable if a record could not be written now."""
        ...
