"""A real journal in a directory, with a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.audit import JournalFiles
from app.core.events import Event, Kind
from tests.world import DEVELOPMENT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROLE = f"arn:aws:iam::{DEVELOPMENT}:role/Developer"
KEY = "ASIAIOSFODNN7EXAMPLE"


@dataclass
class Journal:
    directory: Path
    now: datetime = NOW
    files: JournalFiles = field(init=False)

    def __post_init__(self) -> None:
        self.files = JournalFiles(self.directory, lambda: self.now)

    def says(self, event: Event) -> None:
        """A second after the event before."""
        self.now += timedelta(seconds=1)
        self.files.record(event)

    def signed_in(self, who: str, address: str = "192.0.2.1") -> None:
        self.says(Event(Kind.SIGNED_IN, "corp", f"s-{who}", who, address, "AAAA-AAAA", {"session": f"of-{who}"}))

    def issued(self, who: str, key: str = KEY, role: str = ROLE, address: str = "192.0.2.1") -> None:
        facts = {"role": role, "session": f"of-{who}", "access_key_id": key, "purpose": "cli"}
        kind = Kind.CREDENTIALS_ISSUED
        self.says(Event(kind, "corp", f"s-{who}", who, address, f"REFR-{key[-4:]}", facts))
