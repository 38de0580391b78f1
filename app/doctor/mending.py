"""The smallest change of a trust policy after which our call works and nothing is left to say.

Three tries, each larger: the statement that was meant for us is corrected where it stands; one is added; everything is
replaced. Each is examined like any other document, and the first that leaves the least behind is taken. What lets
others in on purpose stays: who else uses the role, its owner knows and we do not.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.awsside.documents import Document
from app.awsside.trust import trust_policy
from app.doctor.diagnosis import Diagnosis, Patient, diagnose_document
from app.doctor.editing import Draft
from app.doctor.findings import Severity
from app.doctor.policies import NotATrustPolicy, read
from app.doctor.truth import Truth
from app.doctor.widths import close_to_others


@dataclass(frozen=True, slots=True)
class Mended:
    """`changes`: what was done to the old document, a sentence each."""

    document: Document
    changes: tuple[str, ...]


def mend(patient: Patient, text: str, now: datetime) -> Mended | None:
    """None if no change of the document helps, or none is needed. Raises NotDescribed."""
    wanted = trust_policy(patient.role, patient.account, patient.gateway)
    before = _left(text, patient, now)
    if before is not None and _score(before) == _NOTHING_LEFT:
        return None
    made = list(_tries(text, wanted, patient, now))
    tried = [(one, _score(diagnose_document(patient, one.document, now))) for one in made]
    best = min(score for _, score in tried)
    if before is not None and best >= _score(before):
        return None
    return next(one for one, score in tried if score == best)


def _left(text: str, patient: Patient, now: datetime) -> Diagnosis | None:
    """None where there is no document to begin with."""
    try:
        return diagnose_document(patient, read(text).document, now)
    except NotATrustPolicy:
        return None


_NOTHING_LEFT = (False, 0, 0, 0)


def _score(left: Diagnosis) -> tuple[bool, int, int, int]:
    """The less, the better: refused, open, broken, weak or unclear. Only what a document can mend counts."""
    found = [finding.severity for finding in left.findings if finding.in_the_document]
    weak = found.count(Severity.WEAK) + found.count(Severity.UNCLEAR)
    return left.allowed is Truth.NO, found.count(Severity.OPEN), found.count(Severity.BROKEN), weak


def _tries(text: str, wanted: Document, patient: Patient, now: datetime) -> Iterator[Mended]:
    try:
        old = read(text).document
    except NotATrustPolicy:
        old = None
    if old is not None:
        draft = _draft(old, wanted, patient, now)
        draft.let_us_in()
        close_to_others(draft)
        yield Mended(draft.document, tuple(draft.changes))
        draft = _draft(old, wanted, patient, now)
        draft.add(_statements(wanted)[0])
        close_to_others(draft)
        yield Mended(draft.document, tuple(draft.changes))
    yield Mended(wanted, ("The whole document is replaced.",))


def _draft(old: Document, wanted: Document, patient: Patient, now: datetime) -> Draft:
    begun = copy.deepcopy(old)
    begun["Statement"] = _statements(begun)
    return Draft(begun, _statements(wanted)[0], patient.call(now))


def _statements(document: Document) -> list[Document]:
    raw = document["Statement"]
    return list(raw) if isinstance(raw, list) else [raw]  # type: ignore[list-item]  # `read` has looked


def as_text(document: Document) -> str:
    """With blanks that cost nothing: IAM does not count them."""
    return json.dumps(document, indent=2, ensure_ascii=False)
