"""The list of roles with how each stands, gravest first; without HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from app.admin.desks import Notice
from app.core.roles import Account, Role
from app.doctor.charts import Line, State
from app.doctor.findings import Severity
from app.doctor.ward import Ward
from app.errors import InvalidRequest

PAGE = 50
_LATELY = timedelta(days=7)
_ORDER = (*(str(severity) for severity in Severity), State.CANNOT_LOOK, State.NOT_YET, State.SOUND, State.NONE)
WORDS = {
    "broken": "People cannot get in",
    "open": "Others can get in",
    "weak": "Could keep out more",
    "unclear": "Cannot tell",
    State.CANNOT_LOOK: "Cannot look",
    State.NOT_YET: "Not looked at yet",
    State.SOUND: "Sound",
    State.NONE: "No trust policy",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`mark` is the gravest finding's severity, or the state: a key of WORDS."""

    account: Account
    role: Role
    line: Line | None

    @property
    def mark(self) -> str:
        if self.line is None:
            return State.NOT_YET
        return self.line.gravest if self.line.state is State.FINDINGS else self.line.state

    @property
    def path(self) -> str:
        return f"/admin/doctor/{self.account.id}/{self.role.arn.name}"


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of those that were asked for. `counts` are of all roles, by mark."""

    rows: tuple[Row, ...]
    found: int
    counts: dict[str, int]
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class DoctorDesk:
    ward: Ward

    def listed(self, text: str = "", mark: str = "", number: int = 1) -> Listed:
        """`text` is a part of a role's name, label or account. Raises InvalidRequest for an unknown mark."""
        if mark and mark not in WORDS:
            raise InvalidRequest(f"state: expected one of {', '.join(WORDS)}.", reason="doctor.state")
        rows = self._rows()
        counts = Counter(row.mark for row in rows)
        found = [row for row in rows if mark in ("", row.mark) and _fits(row, text.casefold())]
        found.sort(key=lambda row: (_ORDER.index(row.mark), row.account.name.casefold(), row.role.label.casefold()))
        pages = max(1, -(-len(found) // PAGE))
        number = min(max(1, number), pages)
        shown = found[(number - 1) * PAGE : number * PAGE]
        return Listed(tuple(shown), len(found), {m: counts[m] for m in _ORDER if counts[m]}, number, pages)

    def _rows(self) -> list[Row]:
        view, lines = self.ward.catalog.view(), self.ward.lines()
        return [Row(view.accounts[arn.account], role, lines.get(arn)) for arn, role in view.roles.items()]


def notices(ward: Ward) -> list[Notice]:
    """For the first page of the room: what was changed for the worse lately."""
    recent = ward.clock() - _LATELY
    worse = [line for line in ward.lines().values() if line.worse_at is not None and line.worse_at > recent]
    if not worse:
        return []
    many = "A role's trust policy was" if len(worse) == 1 else f"The trust policies of {len(worse)} roles were"
    return [Notice(f"{many} changed for the worse in the last days.", "/admin/doctor", "Look at them")]


def _fits(row: Row, text: str) -> bool:
    said = f"{row.role.label}\n{row.role.arn}\n{row.account.name}".casefold()
    return all(word in said for word in text.split())
