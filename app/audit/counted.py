"""A journal that also counts: everything that matters passes it, so nothing needs to be counted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from app.core.events import Event, Kind
from app.ops.metrics import Metrics

_SESSIONS = MappingProxyType(
    {
        Kind.SIGNED_IN: ("browser", "opened"),
        Kind.SIGNED_OUT: ("browser", "ended"),
        Kind.ENDED_BY_PROVIDER: ("provider", "ended"),
        Kind.SIGN_IN_ENDED: ("provider", "ended"),
        Kind.ENDED_BY_ADMIN: ("admin", "ended"),
        Kind.TERMINAL_APPROVED: ("terminal", "opened"),
        Kind.DEVICE_APPROVED: ("terminal", "opened"),
        Kind.TERMINAL_REVOKED: ("terminal", "ended"),
    }
)


class _Journal(Protocol):
    def record(self, event: Event) -> None: ...

    def ready(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Counted:
    journal: _Journal
    metrics: Metrics

    def record(self, event: Event) -> None:
        """What could not be written did not happen, and is not counted. Raises AuditUnavailable."""
        self.journal.record(event)
        self._count(event)

    def ready(self) -> None:
        self.journal.ready()

    def _count(self, event: Event) -> None:
        metrics, kind = self.metrics, event.kind
        metrics.events.labels(str(kind)).inc()
        if kind in _SESSIONS:
            metrics.sessions.labels(*_SESSIONS[kind]).inc()
        match kind:
            case Kind.SIGNED_IN:
                self._sign_in(event, "accepted")
            case Kind.SIGN_IN_REFUSED:
                self._sign_in(event, str(event.facts.get("reason", "")))
            case Kind.CREDENTIALS_ISSUED | Kind.CREDENTIALS_REUSED:
                self._credentials(event, str(kind).rpartition(".")[2])
            case Kind.CREDENTIALS_REFUSED:
                self._credentials(event, _class(str(event.facts.get("reason", ""))))

    def _sign_in(self, event: Event, outcome: str) -> None:
        metrics = self.metrics
        provider = metrics.word("provider", event.provider)
        metrics.sign_ins.labels(provider, metrics.word("sign-in", outcome)).inc()

    def _credentials(self, event: Event, outcome: str) -> None:
        metrics = self.metrics
        method = metrics.word("method", str(event.facts.get("method", "")))
        metrics.credentials.labels(method, metrics.word("credentials", outcome)).inc()


def _class(reason: str) -> str:
    """AWS's request ids are for the log: `aws.AccessDenied 1f3a...` is `aws.accessdenied`."""
    return reason.partition(" ")[0].lower()
