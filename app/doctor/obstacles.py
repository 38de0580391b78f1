"""What stops our call, in words: the nearest statement, and what of it does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.roles import Assertion, Method, Role
from app.doctor.calls import Call
from app.doctor.conditions import NOTHING, Differs, Known
from app.doctor.findings import Finding, Severity
from app.doctor.others import words
from app.doctor.policies import Condition
from app.doctor.rulings import Ruling, Standing
from app.doctor.truth import Truth

_WHY = {
    "sts:TagSession": ("tag-session", "The session carries tags"),
    "sts:SetSourceIdentity": ("source-identity", "The gateway always says which person it is for"),
}


def obstacles(found: tuple[Ruling, ...], call: Call, role: Role) -> Iterator[Finding]:
    """For every action that the call needs and does not certainly get."""
    told: set[tuple[str, int]] = set()
    for ruling in found:
        for finding in _of(ruling, call, role):
            if (finding.code, finding.statement) not in told:
                told.add((finding.code, finding.statement))
                yield finding


def nearest(ruling: Ruling) -> Standing | None:
    """The statement that comes closest to letting us in: who, then what, then how."""
    allows = [standing for standing in ruling.standings if standing.statement.allow]
    return min(allows, key=_distance, default=None)


def _distance(standing: Standing) -> tuple[int, int, int]:
    order = {Truth.YES: 0, Truth.UNCLEAR: 1, Truth.NO: 2}
    return order[standing.principal], order[standing.action], len(standing.conditions_that(Truth.NO))


def _of(ruling: Ruling, call: Call, role: Role) -> Iterator[Finding]:
    for standing in ruling.standings:
        if not standing.statement.allow and standing.applies is not Truth.NO:
            yield from _denied(standing, ruling.action)
    if any(standing.statement.allow and standing.applies is Truth.YES for standing in ruling.standings):
        return
    close = nearest(ruling)
    if close is None:
        yield Finding("nobody", Severity.BROKEN, "No statement allows anything: nobody can take this role.")
    elif close.principal is Truth.NO:
        yield from _principal(ruling, call)
    elif close.action is Truth.NO:
        yield _action(close, ruling.action, call)
    else:
        yield from _conditions(close, call, role)
        if close.principal is Truth.UNCLEAR:
            yield _unclear_principal(close)


def _denied(standing: Standing, action: str) -> Iterator[Finding]:
    name, number = standing.statement.name, standing.statement.number
    if standing.applies is Truth.YES:
        sentence = f"{name} denies {action} to the gateway, and a Deny wins over every Allow."
        yield Finding("denied", Severity.BROKEN, sentence, number)
    else:
        sentence = f"{name} may deny {action} to the gateway: {_unclear(standing)}."
        yield Finding("cannot-tell", Severity.UNCLEAR, sentence, number)


def _principal(ruling: Ruling, call: Call) -> Iterator[Finding]:
    ours = ", ".join(sorted(call.names)) or "the gateway"
    close = nearest(ruling)
    number = close.statement.number if close else 0
    named = [value for s in ruling.standings if s.statement.allow for _, value in s.statement.principals]
    which = "provider" if call.kind == "Federated" else "principal"
    sentence = f"No statement lets the {which} {ours} in; the policy names {', '.join(dict.fromkeys(named))}."
    if call.kind == "Federated" and any(kind == "AWS" for s in ruling.standings for kind, _ in s.statement.principals):
        sentence += " A provider stands under Federated, not under AWS."
    yield Finding(f"wrong-{which}", Severity.BROKEN, sentence, number)


def _action(close: Standing, action: str, call: Call) -> Finding:
    name, number = close.statement.name, close.statement.number
    if action in _WHY:
        code, why = _WHY[action]
        sentence = f"{why}, so AWS refuses the whole call unless {action} is allowed as well; {name} lacks it."
        return Finding(code, Severity.BROKEN, sentence, number)
    allowed = ", ".join(close.statement.actions)
    sentence = f"The gateway asks by {action}, and {name} allows {allowed} only."
    return Finding("wrong-action", Severity.BROKEN, sentence, number)


def _unclear_principal(close: Standing) -> Finding:
    named = ", ".join(words(kind, value) for kind, value in close.statement.principals)
    sentence = (
        f"{close.statement.name} lets in: {named}. Whether that is who signs the gateway's calls is not known here: "
        "set aws_principal in gateway.toml."
    )
    return Finding("cannot-tell", Severity.UNCLEAR, sentence, close.statement.number)


def _unclear(standing: Standing) -> str:
    parts = [str(condition) for condition in standing.conditions_that(Truth.UNCLEAR)]
    return f"nobody can tell beforehand whether {' and '.join(parts)} holds" if parts else "whom it means is not clear"


def _conditions(close: Standing, call: Call, role: Role) -> Iterator[Finding]:
    number = close.statement.number
    for condition in close.conditions_that(Truth.NO):
        code, sentence = _unmet(condition, call, role)
        yield Finding(code, Severity.BROKEN, f"{close.statement.name}: {sentence}", number)
    for condition in close.conditions_that(Truth.UNCLEAR):
        sentence = (
            f"{close.statement.name}: nobody can tell beforehand whether {condition} holds for the gateway's call."
        )
        yield Finding("cannot-tell", Severity.UNCLEAR, sentence, number)


def _unmet(condition: Condition, call: Call, role: Role) -> tuple[str, str]:
    key = condition.key.lower()
    said = _said(call, key)
    if key == "saml:aud" or key.endswith(":aud"):
        return "wrong-audience", f"it wants the audience {_wanted(condition)}, and our call has {said}."
    if key == "sts:externalid":
        return "external-id", f"it asks for {condition}, and our call has {said}. {_about_external_ids(call)}"
    if key.startswith("aws:multifactorauth"):
        return "mfa", f"it asks for {condition}. {_about_mfa(role)}"
    if key == "aws:tagkeys" or key.startswith("aws:requesttag/") or key == "sts:transitivetagkeys":
        return "tags", f"it asks for {condition}, and our call has {said}."
    if key in ("sts:sourceidentity", "sts:rolesessionname"):
        return "session-name", f"it asks for {condition}; the gateway's names end in a fingerprint, such as {_EXAMPLE}."
    if ":" in key and "." in key.partition(":")[0] and call.saying(key) == NOTHING:
        return "other-issuer", f"{condition.key} belongs to another issuer than the one that we come from."
    return "condition", f"it asks for {condition}, and our call has {said}."


_EXAMPLE = "alice@example.com-mfzwizltoq3dkmbs"


def _wanted(condition: Condition) -> str:
    return " or ".join(condition.values)


def _said(call: Call, key: str) -> str:
    match call.saying(key):
        case Known(values=()):
            return "none"
        case Known(values=values):
            return ", ".join(values)
        case Differs():
            return "one that differs from person to person"
        case _:
            return "one that is not known here"


def _about_external_ids(call: Call) -> str:
    if call.kind == "Federated":
        return "Only AssumeRole carries an external id."
    if call.saying("sts:externalid") == NOTHING:
        return 'The gateway sends one for accounts with zone = "third-party" only.'
    return "The gateway makes this value itself; the owner of the account takes it over."


def _about_mfa(role: Role) -> str:
    if role.method in (Method.SAML, Method.WEB_IDENTITY) or role.assertion is Assertion.PASSTHROUGH:
        return "That key is absent in SAML and OIDC federation: use require_mfa in the catalog instead."
    return "The gateway's own key has no second factor; give the role an mfa_serial, or use require_mfa in the catalog."
