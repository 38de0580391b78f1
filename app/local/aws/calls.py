"""What was called and how it ended: CloudTrail in miniature, for tests. It never holds a secret."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime

from app.local.aws.replies import zulu

MOST = 10_000  # a long-lived local stack must not grow without end


@dataclass(frozen=True, slots=True)
class Call:
    """`result` is `ok` or the error code. `caller` is the ARN that signed, empty for unsigned calls."""

    at: datetime
    service: str
    action: str
    result: str
    status: int
    request_id: str
    caller: str = ""
    role_arn: str = ""
    session_name: str = ""
    source_identity: str = ""
    access_key_id: str = ""  # of the credentials that were issued
    message: str = ""


@dataclass(slots=True)
class CallLog:
    _calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MOST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def entries(self) -> list[dict[str, object]]:
        with self._lock:
            calls = list(self._calls)
        return [{**asdict(call), "at": zulu(call.at)} for call in calls]

    def count(self, action: str) -> int:
        with self._lock:
            return sum(1 for call in self._calls if call.action == action)
