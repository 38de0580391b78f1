"""What the doctor says of documents that no AWS would store, of others, of companies' own statements and of lengths."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from app.awsside.documents import Gateway
from app.core.roles import Account, AccountId, Assertion, Method, Role
from app.doctor.calls import Asker
from app.doctor.diagnosis import Diagnosis, Patient, diagnose
from app.doctor.findings import Severity
from app.doctor.handover import handed_over
from app.doctor.mending import mend
from app.doctor.truth import Truth
from tests.awsside.story import ACCOUNTS, EXTERNAL_ID, FEDGATE, ISSUER, OIDC, PARTNER, PRODUCTION, SAML, a_role
from tests.doctor.hospital import ROLES, now

GATEWAY = Gateway(ISSUER, FEDGATE, clients={"https://id.example.test": "app"}, external_ids={PARTNER: (EXTERNAL_ID,)})


def patient(role: Role) -> Patient:
    return Patient(role, next(a for a in ACCOUNTS if a.id == role.arn.account), GATEWAY, Asker(FEDGATE))


def judged(role: Role, *statements: Mapping[str, object], **more: int) -> Diagnosis:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return diagnose(patient(role), text, now(), more.get("longest"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not json", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"Version": "2012-10-17"}', "no statement"),
        ('{"Statement": []}', "no statement"),
        ('{"Statement": {"Effect": "Allow", "Effect": "Deny"}}', "twice"),
        ('{"Statement": {"Effect": "Perhaps"}}', "Allow"),
        ('{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}', "Principal"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*"}}', "Action"),
        ('{"Statement": {"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}}', "Principal"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": 7}}', "text"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"Bool": 1}}}', "Condition"),
        ("[" * 50_000, "not JSON"),
        (f'{{"Id": {"[" * 500}{"]" * 500}}}', "deeply"),
        (r'{"Statement": {"Effect": "Allow", "Principal": {"AWS": "\ud800"}, "Action": "sts:AssumeRole"}}', "not JSON"),
    ],
)
def test_what_is_no_trust_policy_is_told_so_and_replaced(text: str, says: str) -> None:
    role = ROLES["Saml"]
    found = diagnose(patient(role), text, now())
    assert found.allowed is Truth.NO
    assert [finding.code for finding in found.findings] == ["unreadable"]
    assert says in found.findings[0].sentence
    mended = mend(patient(role), text, now())
    assert mended is not None
    assert diagnose(patient(role), json.dumps(mended.document), now()).is_sound


def test_others_are_named_in_words() -> None:
    found = judged(
        ROLES["Assume"],
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": ["AIDAIOSFODNN7EXAMPLE", "222222222222"]}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Federated": SAML}, "Action": "sts:AssumeRoleWithSAML"},
        {"Effect": "Allow", "NotPrincipal": {"AWS": FEDGATE}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:GetCallerIdentity"},
        {"Effect": "Allow", "Principal": {"AWS": "pasted:root"}, "Action": "sts:AssumeRole"},  # which no account is
    )
    said = "\n".join(found.others)
    assert "The AWS service ec2.amazonaws.com" in said
    assert "a user or role that was deleted" in said
    assert "Every user and role of the account 222222222222" in said
    assert f"the SAML provider {SAML} vouches for" in said
    assert f"Everybody but {FEDGATE}" in said
    assert len(found.others) == 6


def test_shorter_sessions_than_the_catalog_says_are_told_with_the_command() -> None:
    role = ROLES["team/SamlTags"]
    document = mend(patient(role), "{}", now())
    assert document is not None
    found = diagnose(patient(role), json.dumps(document.document), now(), 3_600)
    assert [(finding.code, finding.severity) for finding in found.findings] == [("short-sessions", Severity.BROKEN)]
    assert found.allowed is Truth.YES
    patch = handed_over(patient(role), document, 3_600, "As it was")
    assert patch.commands[-1] == "aws iam update-role --role-name SamlTags --max-session-duration 28800"
    properties = json.loads(patch.cloudformation)["Resources"]["RoleSamlTags"]["Properties"]
    assert properties["AssumeRolePolicyDocument"] == document.document
    assert (properties["MaxSessionDuration"], properties["Description"]) == (28_800, "As it was")
    made = json.loads(patch.terraform)["resource"]["aws_iam_role"]["role_SamlTags"]
    assert json.loads(made["assume_role_policy"].replace("$${", "${")) == document.document


def test_a_longer_session_in_aws_is_not_shortened_by_the_patch() -> None:
    role = ROLES["Saml"]
    document = mend(patient(role), "{}", now())
    assert document is not None
    patch = handed_over(patient(role), document, 43_200, None)
    assert json.loads(patch.cloudformation)["Resources"]["RoleSaml"]["Properties"]["MaxSessionDuration"] == 43_200
    assert len(patch.commands) == 1


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_the_companys_own_statement_needs_a_condition_that_not_everybody_meets(method: Method) -> None:
    provider = SAML if method is Method.SAML else OIDC
    role = a_role("Passed", method, provider_arn=provider, assertion=Assertion.PASSTHROUGH, unenforced=True)
    key = "saml:sub" if method is Method.SAML else "id.example.test:sub"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML" if method is Method.SAML else "sts:AssumeRoleWithWebIdentity",
        "Condition": {} if method is Method.SAML else {"StringEquals": {"id.example.test:aud": "app"}},
    }
    found = judged(role, statement)
    assert found.allowed is Truth.YES
    assert [finding.code for finding in found.findings] == ["unenforced"]
    narrowed = judged(role, statement | {"Condition": {"StringEquals": {key: "alice"}}})
    assert [finding.code for finding in narrowed.findings] == ["cannot-tell"]


def test_a_pool_that_lets_its_guests_in_is_found() -> None:
    pool = "eu-west-1:12345678-1234-1234-1234-123456789abc"
    role = a_role("Pool", Method.COGNITO, identity_pool=pool)
    host = "cognito-identity.amazonaws.com"
    sound = {
        "Effect": "Allow",
        "Principal": {"Federated": host},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": pool},
            "ForAnyValue:StringLike": {f"{host}:amr": "authenticated"},
        },
    }
    assert judged(role, sound).is_sound
    guests = judged(role, sound | {"Condition": {"StringEquals": {f"{host}:aud": pool}}})
    assert [finding.code for finding in guests.findings] == ["guests"]
    anybody = judged(role, sound | {"Condition": {"StringLike": {f"{host}:aud": "*"}}})
    assert [finding.code for finding in anybody.findings] == ["shared-issuer"]


@pytest.mark.parametrize(
    ("sub", "fine"),
    [
        ("repo:example/app:ref:refs/heads/main", True),
        ("repo:example/*", True),
        ("repo:*", False),
        ("repo:*/app:*", False),
        ("*", False),
        ("repo:exampl*/app:*", False),
    ],
)
def test_a_subject_at_github_must_name_the_organization(sub: str, fine: bool) -> None:
    host = "token.actions.githubusercontent.com"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{PRODUCTION}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{host}:sub": sub}},
    }
    codes = [finding.code for finding in judged(ROLES["Token"], statement).findings]
    assert ("shared-issuer" not in codes) is fine


def test_it_says_that_it_cannot_tell_who_the_gateway_is_rather_than_guess() -> None:
    nobody = Patient(ROLES["Assume"], Account(AccountId(PRODUCTION), "Production"), Gateway(ISSUER))
    statement = {"Effect": "Allow", "Principal": {"AWS": FEDGATE}, "Action": "sts:*"}
    found = diagnose(nobody, json.dumps({"Statement": statement}), now())
    assert found.allowed is Truth.UNCLEAR
    assert "aws_principal" in " ".join(finding.sentence for finding in found.findings)


def test_a_deny_for_everybody_without_mfa_still_hits_everybody_else() -> None:
    role = ROLES["Saml"]
    ours = mend(patient(role), "{}", now())
    assert ours is not None
    deny = {
        "Effect": "Deny",
        "Principal": {"Federated": [SAML, f"{SAML}-old"]},
        "Action": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    document = {**ours.document, "Statement": [*ours.document["Statement"], deny]}  # type: ignore[misc]  # a list
    mended = mend(patient(role), json.dumps(document), now())
    assert mended is not None
    left = mended.document["Statement"][1]  # type: ignore[index]  # a list
    assert left["Effect"] == "Deny"
    assert left["Condition"]["BoolIfExists"] == deny["Condition"]["BoolIfExists"]  # type: ignore[index]
    assert left["Condition"]["StringNotEquals"] == {"saml:doc": f"{PRODUCTION}/fedgate"}
