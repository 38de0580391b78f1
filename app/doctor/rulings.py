"""What a trust policy says to a call: every statement, each part of it, and the verdict for each needed action.

IAM User Guide, "Policy evaluation logic": an explicit deny wins over everything, and what nobody allows is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.doctor.calls import Call
from app.doctor.comparing import wild
from app.doctor.conditions import holds
from app.doctor.policies import Condition, Statement, Trust
from app.doctor.truth import Truth, every, known, opposite, some


@dataclass(frozen=True, slots=True)
class Standing:
    """How one statement stands to one action of the call."""

    statement: Statement
    principal: Truth
    action: Truth
    conditions: tuple[tuple[Condition, Truth], ...]

    @property
    def applies(self) -> Truth:
        return every((self.principal, self.action, *(truth for _, truth in self.conditions)))

    def conditions_that(self, truth: Truth) -> tuple[Condition, ...]:
        return tuple(condition for condition, found in self.conditions if found is truth)


@dataclass(frozen=True, slots=True)
class Ruling:
    action: str
    standings: tuple[Standing, ...]

    @property
    def allowed(self) -> Truth:
        denied = some(found.applies for found in self.standings if not found.statement.allow)
        allowed = some(found.applies for found in self.standings if found.statement.allow)
        return every((allowed, opposite(denied)))


def rulings(trust: Trust, call: Call) -> tuple[Ruling, ...]:
    """One for each action that the call needs."""
    return tuple(
        Ruling(action, tuple(_standing(statement, call, action, trust.variables) for statement in trust.statements))
        for action in call.needs
    )


def is_allowed(trust: Trust, call: Call) -> Truth:
    return every(ruling.allowed for ruling in rulings(trust, call))


def covers(statement: Statement, action: str) -> bool:
    """Actions have no case."""
    return any(wild(pattern, action, case=False) for pattern in statement.actions) is not statement.not_action


def _standing(statement: Statement, call: Call, action: str, variables: bool) -> Standing:
    named = some(_names(kind, value, call) for kind, value in statement.principals)
    return Standing(
        statement,
        opposite(named) if statement.not_principal else named,
        known(covers(statement, action)),
        tuple((condition, holds(condition, call.saying, variables)) for condition in statement.conditions),
    )


def _names(kind: str, value: str, call: Call) -> Truth:
    """Does this principal mean the one who asks? Of a bare star, IAM's pages do not say whether it means somebody who
    comes by a provider."""
    if kind == "*":
        return Truth.YES if call.kind == "AWS" else Truth.UNCLEAR
    if kind != call.kind:
        return Truth.NO
    if value == "*":
        return Truth.YES
    if not call.names and kind == "AWS":
        return Truth.UNCLEAR  # who signs the gateway's calls is not known
    if value in call.names | call.account_names:
        return Truth.YES
    return _sessions(value, call)


def _sessions(value: str, call: Call) -> Truth:
    """A session of the role that signs may be meant by its own name, which differs from start to start."""
    mine = {f":{name.split(':')[4]}:assumed-role/{name.rpartition('/')[2]}/" for name in call.names if ":role/" in name}
    return Truth.UNCLEAR if any(part in value for part in mine) else Truth.NO
