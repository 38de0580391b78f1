"""The record of trials: one row for each role, with what it may be used for until the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, insert, select

from app.core.roles import RoleArn
from app.database.engine import Database
from app.database.tables import trials
from app.thirdparty.trial import Answer, Trial, Verdict

LASTS = timedelta(hours=24)  # how long a trial is taken for the truth
KEPT = timedelta(hours=72)  # how long the last good one keeps a role open while AWS gives no clear answer
_AGAIN_CLOSED = timedelta(minutes=15)  # an owner may just have corrected the policy
_ROUND_CLOSED = timedelta(hours=1)
_AGAIN_OPEN = timedelta(minutes=10)
_AGAIN_UNKNOWN = timedelta(seconds=10)


class Standing(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Record:
    """`tried_at` is when the last trial began, `proven_at` when the last one that passed did."""

    role: RoleArn
    external_id: str
    trial: Trial
    tried_at: datetime
    proven_at: datetime | None
    standing: Standing

    def is_open(self, now: datetime) -> bool:
        return self.standing is Standing.OPEN and self.proven_at is not None and now - self.proven_at <= KEPT

    def is_due(self, now: datetime) -> bool:
        """Whether somebody who wants the role now should try it first."""
        unclear = _AGAIN_OPEN if self.is_open(now) else _AGAIN_UNKNOWN
        pauses = {Verdict.PASSED: LASTS, Verdict.FAILED: _AGAIN_CLOSED, Verdict.UNKNOWN: unclear}
        return now - self.tried_at >= pauses[self.trial.verdict]

    def is_due_for_a_round(self, now: datetime, early: timedelta) -> bool:
        """Daily, and `early` enough that people rarely meet a trial; an open question and a closed role sooner: nobody
        who only reads the list would ever have the closed one tried again.
        """
        pauses = {Verdict.PASSED: LASTS - early, Verdict.FAILED: _ROUND_CLOSED, Verdict.UNKNOWN: _AGAIN_OPEN}
        return now - self.tried_at >= pauses[self.trial.verdict]


def judged(before: Record | None, role: RoleArn, external_id: str, trial: Trial, tried_at: datetime) -> Record:
    """The record after one more trial. An unknown one changes nothing, until the last good one is too old."""
    proven_at = before.proven_at if before is not None else None
    record = Record(role, external_id, trial, tried_at, proven_at, Standing.CLOSED)
    match trial.verdict:
        case Verdict.PASSED:
            return replace(record, proven_at=tried_at, standing=Standing.OPEN)
        case Verdict.FAILED:
            return record
        case Verdict.UNKNOWN:
            return record if before is None or not before.is_open(tried_at) else _kept(before, record)


def _kept(before: Record, record: Record) -> Record:
    return replace(record, external_id=before.external_id, standing=before.standing)


@dataclass(frozen=True, slots=True)
class TrialBook:
    """Every method raises DatabaseUnavailable."""

    database: Database

    def of(self, role: RoleArn) -> Record | None:
        with self.database.reading() as connection:
            return _read(connection, role)

    def all_of(self, roles: Iterable[RoleArn]) -> dict[RoleArn, Record]:
        wanted = frozenset(roles)
        with self.database.reading() as connection:
            rows = connection.execute(select(trials)).all()
        return {record.role: record for record in map(_record, rows) if record.role in wanted}

    def write(self, role: RoleArn, external_id: str, trial: Trial, tried_at: datetime) -> Record:
        """What is on record afterwards: a trial that began before the one on record says nothing new."""
        with self.database.changing() as connection:
            before = _read(connection, role)
            if before is not None and before.tried_at > tried_at:
                return before
            record = judged(before, role, external_id, trial, tried_at)
            connection.execute(delete(trials).where(trials.c.role == role))
            connection.execute(insert(trials).values(_values(record)))
            return record


def _read(connection: Connection, role: RoleArn) -> Record | None:
    row = connection.execute(select(trials).where(trials.c.role == role)).one_or_none()
    return None if row is None else _record(row)


def _values(record: Record) -> dict[str, object]:
    return {
        "role": str(record.role),
        "external_id": record.external_id,
        "with_right": str(record.trial.right)[:80],
        "with_wrong": str(record.trial.wrong)[:80],
        "with_none": str(record.trial.none)[:80],
        "tried_at": record.tried_at,
        "proven_at": record.proven_at,
        "standing": str(record.standing),
    }


def _record(row: Row[tuple[object, ...]]) -> Record:
    trial = Trial(Answer.read(row.with_right), Answer.read(row.with_wrong), Answer.read(row.with_none))
    return Record(RoleArn(row.role), row.external_id, trial, row.tried_at, row.proven_at, Standing(row.standing))
