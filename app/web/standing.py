"""How the gateway stands: what its files, providers and certificates look like now. Asked by probes, by Prometheus and
by the administrators' page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from app.core.expiry import Certificate, Urgency
from app.providers.registry import Registry
from app.providers.state import ProviderState, certificates_of, state_of


@dataclass(frozen=True, slots=True)
class Standing:
    """`own` are the certificates of the keys with which we sign for AWS. `problems` are those of gateway.toml on the
    disk, and `waiting` what was changed there and counts only after a restart."""

    registry: Registry
    own: Sequence[Certificate]
    problems: Callable[[], Sequence[str]]
    waiting: Callable[[], Sequence[str]]
    clock: Callable[[], datetime]

    def certificates(self) -> list[Certificate]:
        """Those that count: of a provider that is switched off, nothing ends. First the one that ends first."""
        now = self.clock()
        found = [one for made in self.registry.made() if made.settings.enabled for one in certificates_of(made, now)]
        return sorted([*found, *self.own], key=lambda one: one.ends)

    def ending(self) -> list[str]:
        now = self.clock()
        return [one.spoken(now) for one in self.certificates() if one.urgency(now) is not Urgency.NONE]

    def providers(self) -> list[ProviderState]:
        now = self.clock()
        return [state_of(made, now) for made in self.registry.made()]

    def gateway_file(self) -> str:
        """`ok`, or what there is to say of the file; never why, because anybody may ask."""
        said = ["using the last good file; the log says why"] if self.problems() else []
        waiting = self.waiting()
        said += [f"changed, and waits for a restart: {', '.join(waiting)}"] if waiting else []
        return "; ".join(said) or "ok"

    def gauges(self) -> Iterator[GaugeMetricFamily]:
        now = self.clock()
        age = GaugeMetricFamily(
            "fedgate_provider_copy_age_seconds",
            "Age of the copy in force, of the worker that answers",
            labels=["provider", "what"],
        )
        enabled = GaugeMetricFamily("fedgate_provider_enabled", "1 or 0", labels=["provider"])
        for state in self.providers():
            enabled.add_metric([state.id], float(state.enabled))
            for copy in state.copies:
                if copy.report.fetched_at is not None:
                    age.add_metric([state.id, copy.what], (now - copy.report.fetched_at).total_seconds())
        ends = GaugeMetricFamily(
            "fedgate_certificate_expiry_timestamp_seconds", "When it ends", labels=["owner", "thumbprint"]
        )
        for one in dict.fromkeys(self.certificates()):
            ends.add_metric([one.owner, one.thumbprint], one.ends.timestamp())
        broken = GaugeMetricFamily("fedgate_gateway_file_problems", "Of gateway.toml, if the last good one is in use")
        broken.add_metric([], float(len(self.problems())))
        yield from (age, enabled, ends, broken)
