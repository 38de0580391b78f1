"""What lets others in: principals that are too wide, and conditions that keep nobody out."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.roles import Account, Assertion, Method, Role, Zone
from app.doctor.calls import Call
from app.doctor.conditions import NOTHING, Known
from app.doctor.findings import Finding, Severity
from app.doctor.narrowing import demands, narrows, narrows_who, picks
from app.doctor.others import TAKING, account_of
from app.doctor.policies import Condition, Statement, Trust
from app.doctor.rulings import covers, is_allowed
from app.doctor.shared import of_shared_issuer
from app.doctor.truth import Truth

_SOMEBODY_ELSES = "fedgate-doctor-somebody-elses"  # never the gateway's, which have hexadecimal digits at their end
# Keys that a request may lack, so that IfExists and ForAllValues let it pass without.
_MAY_BE_ABSENT = (
    "sts:externalid",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
    "sts:roleauthorizedbyidp",
    "aws:tagkeys",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:principalorgid",
)


def openings(trust: Trust, call: Call, role: Role, account: Account) -> Iterator[Finding]:
    for statement in trust.statements:
        if statement.allow and any(covers(statement, action) for action in TAKING):
            yield from _principals(statement, call)
            yield from _traps(statement, call)
            if _is_ours(statement, call):
                yield from _ours(statement, call, role)
    if account.zone is Zone.THIRD_PARTY and role.method is Method.ASSUME_ROLE:
        yield from _external_id(trust, call)


def _is_ours(statement: Statement, call: Call) -> bool:
    return any(kind == call.kind and value in call.names for kind, value in statement.principals)


def _principals(statement: Statement, call: Call) -> Iterator[Finding]:
    if statement.not_principal:
        sentence = f"{statement.name} allows with NotPrincipal: everybody else in every AWS account is let in."
        yield Finding("not-principal", Severity.OPEN, sentence, statement.number)
        return
    for kind, value in statement.principals:
        if value == "*":
            yield _everybody(statement)
        elif kind == "Federated":
            yield from of_shared_issuer(statement, value)
        elif kind == "AWS" and account_of(value) and not picks(statement):
            yield _whole_account(statement, value, ours=value in call.account_names)


def _everybody(statement: Statement) -> Finding:
    if narrows_who(statement):
        sentence = f"{statement.name} names everybody in AWS and leaves it to its conditions alone to keep them out."
        return Finding("everybody-but-conditions", Severity.WEAK, sentence, statement.number, in_the_document=False)
    sentence = (
        f'{statement.name} has the principal "*": every user and role of every AWS account, of whoever it may be, can '
        "take this role."
    )
    return Finding("everybody", Severity.OPEN, sentence, statement.number)


def _whole_account(statement: Statement, value: str, *, ours: bool) -> Finding:
    whose = "the gateway's own account" if ours else "the account"
    sentence = (
        f"{statement.name} trusts {whose} {account_of(value)} as a whole: whoever is given sts:AssumeRole there, by "
        "anybody who writes policies there, can take this role without the gateway."
    )
    return Finding("whole-account", Severity.WEAK, sentence, statement.number, in_the_document=ours)


def _traps(statement: Statement, call: Call) -> Iterator[Finding]:
    """Conditions that look like a lock and open for whoever says nothing."""
    for condition in statement.conditions:
        key = condition.key.lower()
        if key not in _MAY_BE_ABSENT and not key.startswith("aws:requesttag/"):
            continue
        carried = call.saying(key) != NOTHING
        if condition.if_exists:
            why = "IfExists lets a call pass that carries no such value."
            yield _trap("if-exists", statement, condition, why, carried)
        elif condition.quantifier == "ForAllValues" and carried and not _must_be_there(statement, key):
            why = f'ForAllValues holds for a call that carries none; add "Null": {{"{condition.key}": "false"}}.'
            yield _trap("for-all-values", statement, condition, why, carried)
        elif condition.plain == "Null" and condition.values == ("true",) and carried:
            why = '"true" asks that there is none, so it lets in whoever says nothing and nobody else.'
            yield _trap("null", statement, condition, why, carried)


def _must_be_there(statement: Statement, key: str) -> bool:
    return any(
        found.key.lower() == key and found.plain == "Null" and found.values == ("false",)
        for found in statement.conditions
    )


def _trap(code: str, statement: Statement, condition: Condition, why: str, mendable: bool) -> Finding:
    """Where our own call carries no such value either, only its author knows what the condition was meant for."""
    sentence = f"{statement.name}, {condition}: {why}"
    return Finding(code, Severity.WEAK, sentence, statement.number, in_the_document=mendable)


def _ours(statement: Statement, call: Call, role: Role) -> Iterator[Finding]:
    """The statement that names us: does it ask for what only our call has?"""
    if role.method in (Method.SAML, Method.WEB_IDENTITY) and role.assertion is Assertion.PASSTHROUGH:
        yield from _passed_through(statement, call)
        return
    if role.method is Method.SAML and not narrows(statement, ["saml:aud"]):
        why = "an assertion that was written for another service would do"
        yield _missing("no-audience", statement, "saml:aud", why)
    if role.method is Method.WEB_IDENTITY and not narrows(statement, [f"{call.host}:aud"]):
        yield _missing("no-audience", statement, f"{call.host}:aud", "any token of that issuer would do")
    pins = ["sts:RoleAuthorizedByIdp", f"{call.host}:sub"]
    if role.method is Method.WEB_IDENTITY and not narrows(statement, pins):
        yield _missing("no-pin", statement, pins[0], "AWS does not insist that the token was made for this role")
    if role.method is not Method.COGNITO and not asks_for_a_name(statement):
        why = "a session would do that does not say for which person it is"
        yield _missing("nameless", statement, "sts:SourceIdentity", why)


def asks_for_a_name(statement: Statement) -> bool:
    return any(
        found.key.lower() == "sts:sourceidentity"
        and (demands(found) or found.plain == "Null" and found.values == ("false",))
        for found in statement.conditions
    )


def _missing(code: str, statement: Statement, key: str, why: str) -> Finding:
    return Finding(code, Severity.WEAK, f"{statement.name} does not narrow {key}: {why}.", statement.number)


def _passed_through(statement: Statement, call: Call) -> Iterator[Finding]:
    """AWS reads the company's own statement, and knows nothing of our rules."""
    of_saml = ["saml:sub", "saml:edupersonaffiliation", "saml:primaryGroupSID", "saml:mail", "saml:uid"]
    of_oidc = [f"{call.host}:{claim}" for claim in ("sub", "amr", "email")]
    tags = [found.key for found in statement.conditions if found.key.lower().startswith("aws:requesttag/")]
    if not narrows(statement, [*of_saml, *of_oidc, *tags]):
        sentence = (
            f"{statement.name}: everybody who can get a statement of the company's provider may take this role at AWS, "
            "whatever the catalog says. Add a condition on something in it that only the right people have."
        )
        yield Finding("unenforced", Severity.WEAK, sentence, statement.number, in_the_document=False)


def _external_id(trust: Trust, call: Call) -> Iterator[Finding]:
    """Tried as the daily trials do: with wrong ones and with none, like a person's call and bare."""
    others = [("with somebody else's external id", Known((one,))) for one in _somebody_elses(call)]
    for asked in (call, call.bare()):
        for how, said in (("without an external id", NOTHING), *others):
            if is_allowed(trust, asked.saying_instead("sts:externalid", said)) is Truth.YES:
                sentence = (
                    f"The role can be taken {how}: anybody who can make the gateway ask for it gets into the account "
                    "(the confused deputy)."
                )
                yield Finding("external-id-not-enforced", Severity.OPEN, sentence)
                return


def _somebody_elses(call: Call) -> Iterator[str]:
    """Also ours but for one end of it: a wildcard that takes it takes others, too."""
    yield _SOMEBODY_ELSES
    match call.saying("sts:externalid"):
        case Known(values=(ours,)):
            yield f"{ours[:-1]}{'0' if ours[-1] != '0' else '1'}"
            yield f"{'0' if ours[0] != '0' else '1'}{ours[1:]}"
