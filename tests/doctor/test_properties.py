"""Whatever the policy: where the doctor says yes or no, the local AWS does; and what it hands over lets the call in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as some

from app.awsside.documents import Gateway
from app.core.roles import Role
from app.doctor.calls import Call
from app.doctor.charts import Chart
from app.doctor.conditions import Differs, Known
from app.doctor.diagnosis import Patient, diagnose
from app.doctor.judging import judged
from app.doctor.mending import mend
from app.doctor.policies import read
from app.doctor.rulings import is_allowed
from app.doctor.truth import Truth
from app.local.aws.policy.evaluation import Ask, Verdict, Who, trusts
from tests.awsside.story import DEVELOPMENT, EXTERNAL_ID, FEDGATE, OIDC, PARTNER, PRODUCTION, SAML
from tests.doctor.hospital import ROLES, now
from tests.doctor.planted import HOST
from tests.doctor.test_words import patient

ALICE = "alice@example.com-mfzwizltoq3dkmbs"
PRINCIPALS = (
    {"Federated": SAML},
    {"Federated": OIDC},
    {"Federated": [SAML, f"arn:aws:iam::{PRODUCTION}:saml-provider/old"]},
    {"AWS": str(FEDGATE)},
    {"AWS": DEVELOPMENT},
    {"AWS": f"arn:aws:iam::{DEVELOPMENT}:root"},
    {"AWS": ["*"]},
    {"AWS": f"arn:aws:iam::{PARTNER}:root", "Federated": SAML},
    {"Service": "ec2.amazonaws.com"},
)
ACTIONS = (
    "sts:AssumeRole", "sts:assumerolewithsaml", "sts:AssumeRoleWithWebIdentity", "sts:TagSession",
    "sts:SetSourceIdentity", "sts:*", "sts:Assume*", "sts:GetCallerIdentity",
)  # fmt: skip
VALUES = (
    "*", "true", "false", "payments", "alice", ALICE, "*@example.com", "alice*", EXTERNAL_ID, "sts.amazonaws.com",
    "Team", "https://signin.aws.amazon.com/saml", str(FEDGATE), f"{PRODUCTION}/fedgate", "2020-01-01T00:00:00Z", "7",
    "${sts:SourceIdentity}", "${aws:username}",
)  # fmt: skip
KEYS = (
    "saml:aud", "saml:iss", "saml:doc", "saml:sub", "saml:cn", f"{HOST}:aud", f"{HOST}:sub", "id.other.test:aud",
    "sts:ExternalId", "sts:SourceIdentity", "sts:RoleSessionName", "sts:RoleAuthorizedByIdp", "sts:TransitiveTagKeys",
    "aws:TagKeys", "aws:RequestTag/Team", "aws:MultiFactorAuthPresent", "aws:PrincipalArn", "aws:username",
    "aws:CurrentTime", "aws:SourceIp", "aws:PrincipalOrgID", "aws:FederatedProvider",
)  # fmt: skip
OPERATORS = (
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringEqualsIfExists",
    "StringNotEqualsIfExists", "ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAllValues:StringNotLike",
    "ForAnyValue:StringNotEquals", "Bool", "BoolIfExists", "ArnLike", "ArnNotEquals", "DateGreaterThan", "DateLessThan",
    "IpAddress", "NumericEquals",
)  # fmt: skip
_SOME_VALUES = some.lists(some.sampled_from(VALUES), min_size=1, max_size=2)
_CONDITIONS = some.dictionaries(
    some.sampled_from(OPERATORS),
    some.dictionaries(
        some.sampled_from(KEYS), some.lists(some.sampled_from(VALUES), min_size=1, max_size=2), min_size=1
    ),
    max_size=2,
) | some.dictionaries(
    some.just("Null"),
    some.dictionaries(some.sampled_from(KEYS), some.sampled_from(["true", "false"]), min_size=1, max_size=2),
    max_size=1,
)
_ACTIONS = some.lists(some.sampled_from(ACTIONS), min_size=1, max_size=4, unique=True)


@some.composite
def statements(draw: some.DrawFn) -> dict[str, object]:
    found: dict[str, object] = {
        "Effect": draw(some.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        draw(some.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"])): draw(
            some.sampled_from(PRINCIPALS)
        ),
        draw(some.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(_ACTIONS),
    }
    if conditions := draw(_CONDITIONS):
        found["Condition"] = conditions
    return found


DOCUMENTS = some.builds(
    lambda version, found: json.dumps({"Version": version, "Statement": found}),
    some.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
    some.lists(statements(), min_size=1, max_size=4),
)
ANY_ROLE = some.sampled_from(list(ROLES.values()))


def in_aws(text: str, call: Call, hidden: str) -> bool:
    """Every action that the call needs; `hidden` is what nobody can know beforehand."""
    who = Who(call.kind, call.names | {"*"} if call.kind == "AWS" else call.names, call.account_names)
    context = _context(call, hidden)
    return all(trusts(text, who, Ask(action, "*", context), directly=False) is Verdict.ALLOW for action in call.needs)


def _context(call: Call, hidden: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in {key.lower() for key in KEYS} | set(call.said):
        match call.saying(key):
            case Known(values=values):
                found[key] = values
            case Differs():
                found[key] = ("p-mfzwizltoq3dkmbsmfzwizltoq" if key.endswith(":sub") else ALICE,)
            case _:
                found[key] = (hidden,) if hidden else ()
    return {key: values for key, values in found.items() if values}


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, ANY_ROLE, some.sampled_from(["", "true", "false", "203.0.113.9", str(FEDGATE)]))
def test_a_yes_or_a_no_of_the_doctor_is_what_aws_does(text: str, role: Role, hidden: str) -> None:
    call = patient(role).call(now())
    said = is_allowed(read(text), call)
    if said is not Truth.UNCLEAR:
        assert in_aws(text, call, hidden) is (said is Truth.YES)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS, ANY_ROLE)
def test_a_patch_never_leaves_the_gateway_outside_and_never_makes_it_worse(text: str, role: Role) -> None:
    before = diagnose(patient(role), text, now())
    mended = mend(patient(role), text, now())
    if mended is None:
        return
    after = diagnose(patient(role), json.dumps(mended.document), now())
    assert after.allowed is not Truth.NO
    assert not any(finding.severity == "open" and finding.in_the_document for finding in after.findings)
    if after.allowed is Truth.YES:
        assert in_aws(json.dumps(mended.document), patient(role).call(now()), "")
    assert set(after.others) <= set(before.others) or before.allowed is Truth.NO


_LEAVES = (
    some.none() | some.booleans() | some.integers() | some.text(max_size=5) | some.sampled_from([*VALUES, *ACTIONS])
)
_JSON = some.recursive(
    _LEAVES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3)
)
_MESS = some.fixed_dictionaries(
    {},
    optional={
        "Effect": some.sampled_from(["Allow", "Deny"]) | _JSON,
        "Principal": some.sampled_from([*PRINCIPALS, "*"]) | _JSON,
        "NotPrincipal": some.sampled_from(PRINCIPALS),
        "Action": _ACTIONS | _JSON,
        "NotAction": _ACTIONS,
        "Condition": _CONDITIONS | _JSON,
        "Sid": _JSON,
    },
)


@settings(max_examples=200, deadline=None)
@given(some.lists(_MESS, max_size=3) | _MESS | _JSON, ANY_ROLE, some.booleans())
def test_whatever_is_pasted_gets_an_answer(found: object, role: Role, known: bool) -> None:
    text, now_ = json.dumps({"Version": "2012-10-17", "Statement": found}), now()
    who = patient(role)
    assert diagnose(who, text, now_).allowed in Truth
    mended = mend(who, text, now_)
    assert mended is None or read(json.dumps(mended.document)).statements
    if not known:
        nobody = Patient(role, who.account, Gateway(who.gateway.issuer_url, external_ids=who.gateway.external_ids))
        report = judged(role, who.account, Chart(now_, now_, text), lambda: nobody, now_)
        assert report.diagnosis is not None
