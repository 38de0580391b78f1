"""What is counted, for Prometheus.

Labels hold ids of the configuration, patterns of routes, codes and reason words of our own: never a person, an AWS
account, an address or a sentence. Whatever a label is given is cut to that (`Words`), because each new value of a label
is one more series in somebody's memory for ever, and some values come from outside.

Under gunicorn the workers count together, in files that they share (`PROMETHEUS_MULTIPROC_DIR`, set by
deploy/gunicorn.conf.py); what can be looked at instead of counted (the age of a copy, the end of a certificate) is
asked of the worker that answers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_MOST_WORDS = 300
_WORD = re.compile(r"(?=[^.:]*[a-z])[a-z0-9][a-z0-9_-]*(?:[.:][a-z0-9_-]+){0,3}", re.ASCII)
_LONGEST_WORD = 64


class Words:
    """The values of one label: short words, and not too many of them; what is anything else becomes `other`."""

    def __init__(self, most: int = _MOST_WORDS) -> None:
        self._most = most
        self._lock = Lock()
        self._known: set[str] = set()

    def of(self, text: str) -> str:
        if not text:
            return "none"
        if len(text) > _LONGEST_WORD or not _WORD.fullmatch(text):
            return "other"
        with self._lock:
            if text not in self._known and len(self._known) >= self._most:
                return "other"
            self._known.add(text)
        return text


Gauges = Callable[[], Iterable[GaugeMetricFamily]]


class Metrics:
    def __init__(self) -> None:
        own = self._own = CollectorRegistry()
        self._words: dict[str, Words] = {}
        self.events = Counter("fedgate_events", "Records of the audit journal", ["kind"], registry=own)
        self.sign_ins = Counter("fedgate_signins", "Answers of providers", ["provider", "outcome"], registry=own)
        self.credentials = Counter(
            "fedgate_credentials",
            "Credentials: issued, reused, or why not",
            ["method", "outcome"],
            registry=own,
        )
        self.sessions = Counter("fedgate_sessions", "Sessions opened and ended", ["door", "change"], registry=own)
        self.aws = Histogram(
            "fedgate_issuing_seconds", "Calls to AWS", ["method", "outcome"], buckets=_SECONDS, registry=own
        )
        self.refusals = Counter("fedgate_refusals", "Requests refused, by error code", ["code"], registry=own)
        self.limits = Counter("fedgate_limits_hit", "Requests refused by a rate limit", ["limit"], registry=own)
        self.fetches = Counter(
            "fedgate_provider_fetches", "Fetches from providers", ["provider", "what", "outcome"], registry=own
        )
        self.requests = Histogram(
            "fedgate_request_seconds", "Requests", ["route", "method", "status"], buckets=_SECONDS, registry=own
        )
        self.forgotten = Counter(
            "fedgate_people_not_remembered", "Sign-ins that the database was not told of", registry=own
        )
        self._shown = CollectorRegistry()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call]  # not typed there
        else:
            self._shown.register(_Those(own.collect))

    def word(self, label: str, text: str) -> str:
        return self._words.setdefault(label, Words()).of(text)

    def fetched(self, provider: str, what: str, worked: bool) -> None:
        self.fetches.labels(self.word("provider", provider), what, "ok" if worked else "failed").inc()

    def show(self, gauges: Gauges) -> None:
        """More to show, looked at when somebody asks."""
        self._shown.register(_Those(gauges))

    def text(self) -> bytes:
        """The text format 0.0.4, UTF-8."""
        return generate_latest(self._shown)


class _Those(Collector):
    def __init__(self, collect: Callable[[], Iterable[object]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[object]:  # type: ignore[override]  # what others made is handed on
        return self._collect()

    def describe(self) -> Iterable[object]:
        """Nothing in advance: asking would look at everything once more."""
        return ()
