"""What is counted, and what can never become a label."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.audit.counted import Counted
from app.core.events import Event, Kind
from app.core.expiry import Certificate
from app.errors import AuditUnavailable
from app.ops.certificates import ExpiryNotice
from app.ops.metrics import Metrics, Words
from app.ops.repeating import Repeating
from tests.patience import SECONDS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Journal:
    full = False

    def record(self, event: Event) -> None:
        if self.full:
            raise AuditUnavailable("full", reason="audit.OSError")

    def ready(self) -> None:
        """Always."""


@pytest.mark.parametrize(
    "word", ["corp", "365-corp", "saml.audience", "oidc.step-up-mfa", "aws.accessdenied", "not_given"]
)
def test_words_of_our_own_are_labels(word: str) -> None:
    assert Words().of(word) == word


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.com",
        "Alice",
        "two words",
        "a" * 65,
        "1234",
        "111122223333",
        "a\nb",
        "é",
        "203.0.113.7",
        'x"} 1',
        "a.b.c.d.e",
    ],
)
def test_anything_else_is_other(text: str) -> None:
    assert Words().of(text) == "other"


def test_there_are_never_more_than_so_many_values_of_a_label() -> None:
    words = Words(most=3)
    assert [words.of(f"w{n}") for n in range(5)] == ["w0", "w1", "w2", "other", "other"]
    assert words.of("w1") == "w1"


def shown(metrics: Metrics) -> str:
    return metrics.text().decode()


def test_the_journal_counts_what_it_wrote() -> None:
    metrics = Metrics()
    audit = Counted(Journal(), metrics)
    audit.record(Event(Kind.SIGNED_IN, provider="corp", subject="alice", name="alice@example.com"))
    audit.record(Event(Kind.SIGN_IN_REFUSED, provider="corp", facts={"reason": "saml.audience"}))
    audit.record(Event(Kind.CREDENTIALS_ISSUED, facts={"method": "saml"}))
    audit.record(Event(Kind.CREDENTIALS_REFUSED, facts={"method": "saml", "reason": "aws.AccessDenied 1f3a-request"}))
    text = shown(metrics)
    assert 'fedgate_signins_total{outcome="accepted",provider="corp"} 1.0' in text
    assert 'fedgate_signins_total{outcome="saml.audience",provider="corp"} 1.0' in text
    assert 'fedgate_credentials_total{method="saml",outcome="issued"} 1.0' in text
    assert 'fedgate_credentials_total{method="saml",outcome="aws.accessdenied"} 1.0' in text
    assert 'fedgate_sessions_total{change="opened",door="browser"} 1.0' in text
    assert "alice" not in text
    assert "1f3a" not in text


def test_what_could_not_be_written_did_not_happen_and_is_not_counted() -> None:
    metrics, journal = Metrics(), Journal()
    journal.full = True
    with pytest.raises(AuditUnavailable):
        Counted(journal, metrics).record(Event(Kind.SIGNED_IN, provider="corp"))
    assert "accepted" not in shown(metrics)


def test_an_ending_certificate_is_told_once_a_day_and_a_good_one_never(caplog: pytest.LogCaptureFixture) -> None:
    days: list[bool] = [True, False]
    ending = Certificate("corp, signing", "aa", NOW + timedelta(days=3))
    good = Certificate("corp, our key", "bb", NOW + timedelta(days=300))
    notice = ExpiryNotice(lambda: [ending, good], lambda: days.pop(0), lambda: NOW)
    with caplog.at_level(logging.WARNING):
        notice.tell()
        notice.tell()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "certificate of corp, signing, aa: 3 days left")
    ]


def test_the_day_is_not_spent_when_there_is_nothing_to_tell() -> None:
    asked: list[int] = []
    notice = ExpiryNotice(
        lambda: [Certificate("x", "bb", NOW + timedelta(days=300))], lambda: not asked.append(1), lambda: NOW
    )
    notice.tell()
    assert asked == []


def test_what_is_to_begin_at_once_does_not_wait_for_its_first_pause() -> None:
    done = threading.Event()
    repeating = Repeating("test", done.set, lambda: 0.5, timedelta(hours=1), at_once=True)
    repeating.start()
    assert done.wait(SECONDS)
    repeating.stop()
