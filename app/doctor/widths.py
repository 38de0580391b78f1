"""Closing what is open, without knowing who else uses the role: only what nobody can have meant, and what is ours."""

from __future__ import annotations

from app.awsside.documents import Document
from app.doctor.conditions import Known
from app.doctor.editing import Draft, put
from app.doctor.narrowing import narrows_who, picks
from app.doctor.others import TAKING
from app.doctor.policies import Statement
from app.doctor.rulings import covers, rulings
from app.doctor.truth import Truth


def close_to_others(draft: Draft) -> None:
    _undeny(draft)
    gone: list[Document] = []
    for statement in draft.trust().statements:
        if not statement.allow or not any(covers(statement, action) for action in TAKING):
            continue
        raw = draft.statements[statement.number - 1]
        if _is_for_everybody(statement) and not _could_be_ours(draft, statement):
            gone.append(raw)
            draft.changes.append(f"{statement.name}, which lets everybody in, is taken out.")
            continue
        _name_us_alone(draft, statement, raw)
        if _names_us(draft, draft.trust().statements[statement.number - 1]):
            draft.correct_conditions(statement, raw)
    draft.statements[:] = [raw for raw in draft.statements if not any(raw is other for other in gone)]


def _is_for_everybody(statement: Statement) -> bool:
    return statement.not_principal or any(v == "*" for _, v in statement.principals) and not narrows_who(statement)


def _could_be_ours(draft: Draft, statement: Statement) -> bool:
    return draft.call.kind == "AWS" and covers(statement, draft.call.action)


def _names_us(draft: Draft, statement: Statement) -> bool:
    ours = any(kind == draft.call.kind and value in draft.call.names for kind, value in statement.principals)
    return ours and not statement.not_principal and covers(statement, draft.call.action)


def _name_us_alone(draft: Draft, statement: Statement, raw: Document) -> None:
    """Everybody, or the gateway's whole account, where the gateway's own principal was meant."""
    known = narrows_who(statement)
    ours = () if picks(statement) else draft.call.account_names
    wide = [value for _, value in statement.principals if value in ours or value == "*" and not known]
    if draft.call.kind != "AWS" or not (wide or statement.not_principal and not known):
        return
    raw.pop("NotPrincipal", None)
    left = () if statement.not_principal else statement.principals
    others = [value for kind, value in left if kind == "AWS" and value not in {*wide, *draft.call.names}]
    names = [*sorted(draft.call.names), *others]
    kinds = _other_kinds(raw) if left else {}
    raw["Principal"] = {"AWS": names[0] if len(names) == 1 else names, **kinds}
    draft.changes.append(f"{statement.name} names {', '.join(names)} and nobody else of that kind.")


def _other_kinds(raw: Document) -> Document:
    principal = raw.get("Principal")
    return {k: v for k, v in principal.items() if k != "AWS"} if isinstance(principal, dict) else {}


def _undeny(draft: Draft) -> None:
    """A Deny that hits us is narrowed so that it hits everybody else as before, or no longer names us."""
    hit = {
        standing.statement.number: standing.statement
        for ruling in rulings(draft.trust(), draft.call)
        for standing in ruling.standings
        if not standing.statement.allow and standing.applies is Truth.YES
    }
    gone: list[Document] = []
    for number, statement in hit.items():
        raw = draft.statements[number - 1]
        if statement.not_principal:
            raw["NotPrincipal"] = _with_us(statement, draft)
            draft.changes.append(f"{statement.name} leaves the gateway out as well.")
        elif all(value in draft.call.names for _, value in statement.principals):
            gone.append(raw)
            draft.changes.append(f"{statement.name}, which denies the gateway alone, is taken out.")
        else:
            operator, key, value = _whoever_is_not_us(draft)
            put(raw, operator, key, value)
            draft.changes.append(f"{statement.name} denies only whom {operator} {key} {value} is true of.")
    draft.statements[:] = [raw for raw in draft.statements if not any(raw is other for other in gone)]


def _with_us(statement: Statement, draft: Draft) -> Document:
    """With the account: where NotPrincipal names a user or role, IAM wants its account named, too."""
    kinds: dict[str, list[str]] = {}
    for kind, value in (*statement.principals, *((draft.call.kind, name) for name in _ours(draft))):
        kinds.setdefault(kind, []).append(value)
    return {**kinds}


def _ours(draft: Draft) -> list[str]:
    return sorted(draft.call.names | {name for name in draft.call.account_names if name.endswith(":root")})


def _whoever_is_not_us(draft: Draft) -> tuple[str, str, str]:
    """Negated, so it is also true of whoever lacks the key: they stay denied."""
    (ours,) = draft.call.names
    if draft.call.kind == "AWS":
        return "ArnNotEquals", "aws:PrincipalArn", ours
    if ":saml-provider/" in ours:
        account, name = ours.split(":")[4], ours.partition("/")[2]
        return "StringNotEquals", "saml:doc", f"{account}/{name}"
    match draft.call.saying(key := f"{draft.call.host.lower()}:aud"):
        case Known(values=(audience,)):
            return "StringNotEquals", key, audience
        case _:
            return "StringNotEquals", "aws:FederatedProvider", ours
