"""Everything that is to be said of one role's trust policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.awsside.documents import Document, Gateway
from app.core.durations import spoken
from app.core.roles import Account, Role
from app.doctor.calls import Asker, Call, our_call
from app.doctor.findings import Finding, Severity, in_order
from app.doctor.obstacles import obstacles
from app.doctor.openings import openings
from app.doctor.others import others
from app.doctor.policies import NotATrustPolicy, read
from app.doctor.rulings import is_allowed, rulings
from app.doctor.truth import Truth


@dataclass(frozen=True, slots=True)
class Patient:
    """A role of the catalog, and all that decides what our call for it is."""

    role: Role
    account: Account
    gateway: Gateway
    asker: Asker = field(default_factory=Asker)

    def call(self, now: datetime) -> Call:
        """Raises NotDescribed."""
        return our_call(self.role, self.account, self.gateway, self.asker, now)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`allowed`: does AWS let our call in? `others`: who may take the role without the gateway."""

    allowed: Truth
    findings: tuple[Finding, ...]
    others: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return self.allowed is Truth.YES and not self.findings


def diagnose(patient: Patient, text: str, now: datetime, longest_seconds: int | None = None) -> Diagnosis:
    """`longest_seconds`: the role's MaxSessionDuration, if it is known. Raises NotDescribed where the gateway makes no
    call that a trust policy could decide about, or where only an operator knows what it is."""
    call = patient.call(now)
    lengths = list(_length(patient.role, longest_seconds))
    try:
        trust = read(text)
    except NotATrustPolicy as problem:
        finding = Finding("unreadable", Severity.BROKEN, str(problem))
        return Diagnosis(Truth.NO, in_order([finding, *lengths]))
    found = rulings(trust, call)
    findings = [
        *obstacles(found, call, patient.role),
        *openings(trust, call, patient.role, patient.account),
        *lengths,
    ]
    return Diagnosis(is_allowed(trust, call), in_order(findings), others(trust, call))


def diagnose_document(patient: Patient, document: Document, now: datetime) -> Diagnosis:
    """Of a document that is not in AWS yet."""
    return diagnose(patient, json.dumps(document), now)


def _length(role: Role, longest: int | None) -> Iterator[Finding]:
    if longest is not None and longest < role.max_seconds:
        sentence = (
            f"The role's MaxSessionDuration is {spoken(longest)}, and the catalog gives it out for "
            f"{spoken(role.max_seconds)}: people get the shorter time."
        )
        yield Finding("short-sessions", Severity.BROKEN, sentence, in_the_document=False)
