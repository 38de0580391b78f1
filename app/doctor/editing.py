"""A trust policy under the pen: what is changed, and the sentences that say so."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from app.awsside.documents import Document
from app.doctor.calls import Call
from app.doctor.conditions import NOTHING
from app.doctor.narrowing import is_effective
from app.doctor.obstacles import nearest
from app.doctor.openings import asks_for_a_name
from app.doctor.policies import Condition, Statement, Trust, read
from app.doctor.rulings import Standing, covers, rulings
from app.doctor.truth import Truth

_TAKES = "sts:assumerole"


@dataclass(slots=True)
class Draft:
    """`document["Statement"]` is a list. `wanted`: the statement as the gateway would write it."""

    document: Document
    wanted: Document
    call: Call
    changes: list[str] = field(default_factory=list)

    @property
    def statements(self) -> list[Document]:
        return self.document["Statement"]  # type: ignore[return-value]  # made so by who begins the draft

    def trust(self) -> Trust:
        return read(json.dumps(self.document))

    def let_us_in(self) -> None:
        """Correct the statement that was meant for us."""
        close = nearest(rulings(self.trust(), self.call)[0])
        if close is None or close.principal is Truth.NO and not self._never_works(close.statement):
            self.add(self.wanted)
            return
        raw = self.statements[close.statement.number - 1]
        if close.principal is Truth.NO:
            raw["Principal"] = self.wanted["Principal"]
            self.changes.append(f"{close.statement.name} names {_compact(self.wanted['Principal'])}.")
        self._correct_actions(close, raw)
        self.correct_conditions(close.statement, raw)

    def add(self, statement: Document) -> None:
        taken = {str(raw.get("Sid", "")) for raw in self.statements}
        sid = str(statement.get("Sid", ""))
        named = sid if sid not in taken else f"{sid}2"
        self.statements.append({**statement, "Sid": named})
        self.changes.append(f"Statement {len(self.statements)} ({named}) is added.")

    def correct_conditions(self, statement: Statement, raw: Document) -> None:
        """What our call does not meet goes; what is asked of it in vain is asked properly; what is missing comes."""
        wanted = _triples(self.wanted)
        keys = {key.lower() for _, key, _ in wanted}
        for standing in (found for ruling in rulings(self.trust(), self.call) for found in ruling.standings):
            if standing.statement.number != statement.number:
                continue
            for condition in standing.conditions_that(Truth.NO):
                self._drop(statement, raw, condition, replaced=condition.key.lower() in keys)
        for operator, key, value in wanted:
            self._ask_for(statement, raw, operator, key, value)
        self._untrap(statement, raw)
        if not raw.get("Condition"):
            raw.pop("Condition", None)

    def _never_works(self, statement: Statement) -> bool:
        """A provider of another account: IAM lets a role trust the providers of its own account only."""
        if self.call.kind != "Federated" or statement.not_principal:
            return False
        (ours,) = self.call.names
        account = ours.split(":")[4] if ours.startswith("arn:") else ""
        return all(kind == "Federated" and f"::{account}:" not in value for kind, value in statement.principals)

    def _correct_actions(self, close: Standing, raw: Document) -> None:
        statement = close.statement
        missing = [action for action in self.call.needs if not covers(statement, action)]
        if not missing:
            return
        if statement.not_action:
            raw.pop("NotAction")
            raw["Action"] = list(self.call.needs)
            self.changes.append(f"{statement.name} allows {', '.join(self.call.needs)} instead of a NotAction.")
            return
        wrong = self.call.action in missing
        kept = [action for action in statement.actions if not (wrong and action.lower().startswith(_TAKES))]
        raw["Action"] = sorted({*kept, *missing}, key=lambda action: (action not in self.call.needs, action))
        self.changes.append(f"{statement.name} allows {', '.join(missing)} as well.")

    def _drop(self, statement: Statement, raw: Document, condition: Condition, *, replaced: bool) -> None:
        if forget(raw, condition) and not replaced:
            self.changes.append(f"{statement.name} no longer asks for {condition}.")

    def _ask_for(self, statement: Statement, raw: Document, operator: str, key: str, value: object) -> None:
        here = [found for found in self._conditions(statement) if found.key.lower() == key.lower()]
        named = key.lower() == "sts:sourceidentity" and asks_for_a_name(self._statement(statement))
        if named or any(is_effective(found) for found in here):
            return
        for found in here:
            forget(raw, found)
        put(raw, operator, key, value)
        self.changes.append(f"{statement.name} asks for {operator} {key} {_compact(value)}.")

    def _untrap(self, statement: Statement, raw: Document) -> None:
        """IfExists and ForAllValues, where our own call carries the value: it must be there."""
        for found in self._conditions(statement):
            is_trap = found.if_exists or found.quantifier == "ForAllValues"
            if not is_trap or not _may_be_absent(found) or self.call.saying(found.key.lower()) == NOTHING:
                continue
            if found.if_exists:
                forget(raw, found)
                put(raw, found.operator.removesuffix("IfExists"), found.key, list(found.values))
            else:
                put(raw, "Null", found.key, "false")
            self.changes.append(f"{statement.name} lets no call pass that carries no {found.key}.")

    def _statement(self, statement: Statement) -> Statement:
        return self.trust().statements[statement.number - 1]

    def _conditions(self, statement: Statement) -> tuple[Condition, ...]:
        return self._statement(statement).conditions


def forget(raw: Document, condition: Condition) -> bool:
    """Whether it was there."""
    found = raw.get("Condition")
    keys = found.get(condition.operator) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(keys, dict) or condition.key not in keys:
        return False
    del keys[condition.key]
    if not keys:
        del found[condition.operator]
    return True


def put(raw: Document, operator: str, key: str, value: object) -> None:
    conditions = raw.setdefault("Condition", {})
    assert isinstance(conditions, dict)
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    conditions.setdefault(operator, {})[key] = one


def _may_be_absent(condition: Condition) -> bool:
    key = condition.key.lower()
    return key.startswith(("sts:", "aws:requesttag/", "aws:tagkeys"))


def _triples(statement: Document) -> list[tuple[str, str, object]]:
    conditions = statement.get("Condition", {})
    assert isinstance(conditions, dict)
    return [(operator, key, value) for operator, keys in conditions.items() for key, value in keys.items()]


def _compact(value: object) -> str:
    return json.dumps(value, separators=(", ", ": "), ensure_ascii=False)
