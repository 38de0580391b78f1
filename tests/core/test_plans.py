"""The plan of a role: the smallest limit decides, and every limit says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.plans import Known, Plan, Signer, plan
from app.core.roles import Method, Role, RoleArn, UserArn

NOTHING = Known()
ROLE = Role(RoleArn("arn:aws:iam::999999999999:role/UpdateApp"), "Update", Method.SAML, max_seconds=43_200)
USER = UserArn("arn:aws:iam::999999999999:user/broker")


def planned(method: Method, signer: Signer = Signer.UNKNOWN, known: Known = NOTHING, seconds: int = 43_200) -> Plan:
    return plan(replace(ROLE, method=method, max_seconds=seconds), known, signer)


@pytest.mark.parametrize(
    ("method", "signer", "seconds"),
    [
        (Method.SAML, Signer.ROLE_SESSION, 43_200),  # unsigned calls are no role chaining
        (Method.WEB_IDENTITY, Signer.ROLE_SESSION, 43_200),
        (Method.ASSUME_ROLE, Signer.USER, 43_200),
        (Method.ASSUME_ROLE, Signer.ROLE_SESSION, 3_600),
        (Method.COGNITO, Signer.UNKNOWN, 3_600),
        (Method.FEDERATION_TOKEN, Signer.USER, 43_200),
        (Method.SESSION_TOKEN, Signer.UNKNOWN, 43_200),
    ],
)
def test_the_longest_session_of_each_way(method: Method, signer: Signer, seconds: int) -> None:
    found = planned(method, signer)
    assert (found.seconds, found.works) == (seconds, True)
    assert found.seconds == min(limit.seconds for limit in found.limits)


def test_an_hour_of_role_chaining_is_explained() -> None:
    assert "role chaining" in planned(Method.ASSUME_ROLE, Signer.ROLE_SESSION).reasons[0]


def test_what_aws_has_taught_clamps_and_says_where_it_was_learnt() -> None:
    told = planned(Method.SAML, known=Known(7_200, "iam:GetRole"))
    refused = planned(Method.SAML, known=Known(3_600, "a refusal"))
    assert (told.seconds, refused.seconds) == (7_200, 3_600)
    assert "as IAM says" in told.reasons[0]
    assert "AWS has refused more" in refused.reasons[0]


def test_the_catalog_decides_when_it_is_the_strictest() -> None:
    assert planned(Method.SAML, known=Known(43_200, "iam:GetRole"), seconds=900).reasons[0].startswith("The catalog")


@pytest.mark.parametrize(
    ("method", "signer"),
    [
        (Method.FEDERATION_TOKEN, Signer.ROLE_SESSION),
        (Method.SESSION_TOKEN, Signer.ROLE_SESSION),
        (Method.FEDERATION_TOKEN, Signer.ROOT),
        (Method.SESSION_TOKEN, Signer.USER_SESSION),
        (Method.ASSUME_ROLE, Signer.FEDERATED_USER),
        (Method.ASSUME_ROLE, Signer.ROOT),
    ],
)
def test_a_way_that_cannot_work_is_not_offered_and_says_so(method: Method, signer: Signer) -> None:
    found = planned(method, signer)
    assert not found.works
    assert found.problem == found.reasons[0]


def test_a_role_that_aws_refused_is_shown_with_its_code() -> None:
    assert "AccessDenied" in planned(Method.SAML, known=Known(refusal="No (AccessDenied)")).problem


def test_a_role_that_aws_does_not_have_is_not_offered() -> None:
    assert "no role of the name UpdateApp" in planned(Method.SAML, known=Known(missing=True)).problem


def test_get_session_token_has_no_console_and_says_why() -> None:
    found = plan(Role(USER, "Broker", Method.SESSION_TOKEN), Known(), Signer.USER)
    assert (found.console, "GetSessionToken" in found.console_why) == (False, True)


def test_a_role_for_programs_only_says_so() -> None:
    found = plan(replace(ROLE, console=False), Known(), Signer.UNKNOWN)
    assert (found.console, "command line only" in found.console_why) == (False, True)
