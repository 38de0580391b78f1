"""One role, judged by what was seen of it at the last look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.awsside.documents import Gateway, NotDescribed
from app.awsside.trust import signer
from app.core.roles import Account, Role, RoleArn, UserArn
from app.doctor.calls import Asker
from app.doctor.charts import Chart, State
from app.doctor.diagnosis import Diagnosis, Patient, diagnose
from app.doctor.handover import Patch, handed_over
from app.doctor.mending import Mended, mend
from app.doctor.policies import read
from app.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class Report:
    """One role, judged now by what was seen at the last look. `diagnosis` is None where nothing could be judged, and
    `why_not` says why."""

    account: Account
    role: Role
    chart: Chart | None
    state: State
    diagnosis: Diagnosis | None = None
    patch: Patch | None = None
    why_not: str = ""


def judged(role: Role, account: Account, chart: Chart | None, patient: Callable[[], Patient], now: datetime) -> Report:
    """`patient` may raise DatabaseUnavailable, or NotDescribed: then nothing is judged, and the report says why."""
    if isinstance(role.arn, UserArn):
        return Report(account, role, chart, State.NONE)
    if chart is None:
        return Report(account, role, None, State.NOT_YET)
    if not chart.trust:
        return Report(account, role, chart, State.CANNOT_LOOK, why_not=chart.why_not)
    try:
        return _of_what_was_seen(role, account, chart, patient(), now)
    except NotDescribed as missing:
        return Report(account, role, chart, State.CANNOT_LOOK, why_not=f"{missing}.")
    except DatabaseUnavailable as away:
        return Report(account, role, chart, State.CANNOT_LOOK, why_not=away.sentence)


def _of_what_was_seen(role: Role, account: Account, chart: Chart, patient: Patient, now: datetime) -> Report:
    diagnosis = diagnose(patient, chart.trust, now, chart.longest_seconds)
    mended = _mended(patient, chart.trust, diagnosis, now)
    patch = handed_over(patient, mended, chart.longest_seconds, chart.description) if mended else None
    state = State.SOUND if diagnosis.is_sound else State.FINDINGS
    return Report(account, role, chart, State.CANNOT_LOOK if chart.why_not else state, diagnosis, patch, chart.why_not)


def _mended(patient: Patient, text: str, diagnosis: Diagnosis, now: datetime) -> Mended | None:
    try:
        mended = mend(patient, text, now)
    except NotDescribed:
        return None  # who signs the gateway's calls is not known, which is among the findings
    if mended is None and any(found.code == "short-sessions" for found in diagnosis.findings):
        return Mended(read(text).document, ())  # it can stay as it is; the role's length cannot
    return mended


def asker_of(chart: Chart | None, account: Account, gateway: Gateway) -> Asker:
    """By what AWS said. The ARN of a role's session leaves the role's path out, which the operator may have told."""
    told = signer(account, gateway)
    if chart is None or not chart.asker:
        return Asker(told)
    parts = chart.asker.split(":", 5)
    if parts[5].startswith("user/"):
        return Asker(UserArn(chart.asker), chart.signer)
    if not parts[5].startswith("assumed-role/"):
        return Asker(told, chart.signer)
    name = parts[5].split("/")[1]
    if told is not None and (told.account, told.name) == (parts[4], name):
        return Asker(told, chart.signer)
    return Asker(RoleArn(f"arn:{parts[1]}:iam::{parts[4]}:role/{name}"), chart.signer)
