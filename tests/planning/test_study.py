"""What AWS is asked about a role before anybody wants it: once a day, and no more than it lets us ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.plans import Signer
from app.core.roles import Account, AccountId, Method
from app.errors import AwsUnavailable
from tests.issuers.ways import BROKER, POLICY, a_way
from tests.local.aws.bench import DEVELOPMENT, PRODUCTION
from tests.planning.conftest import ALICE, OWN, Study

STS_ONLY = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}


def test_a_roles_own_maximum_is_asked_once_a_day_and_every_worker_knows_it(study: Study) -> None:
    role, first = study.role("App", 120), study.planner()
    assert first.plan(ALICE, OWN, role).seconds == 43_200
    for planner in (first, first, study.planner()):
        planner.study(OWN, role)
    assert (study.asked("GetRole"), study.asked("GetCallerIdentity")) == (1, 1)
    plan = study.planner().plan(ALICE, OWN, role)
    assert (plan.seconds, plan.works) == (7_200, True)
    assert "2 h (as IAM says)" in plan.reasons[0]
    study.clock.forward(hours=24, seconds=1)
    first.study(OWN, role)
    assert study.asked("GetRole") == 2


def test_what_was_asked_a_day_ago_is_no_longer_believed(study: Study) -> None:
    role, planner = study.role("App", 60), study.planner()
    planner.study(OWN, role)
    study.clock.forward(hours=23, minutes=59)
    assert planner.clamped(role, 43_200) == 3_600
    study.clock.forward(minutes=2)
    assert planner.clamped(role, 43_200) == 43_200
    assert planner.plan(ALICE, OWN, role).seconds == 43_200


def test_a_role_of_another_account_than_the_gateways_is_not_asked_about(study: Study) -> None:
    role, planner = a_way(Method.ASSUME_ROLE, f"arn:aws:iam::{DEVELOPMENT}:role/App"), study.planner()
    account = Account(AccountId(DEVELOPMENT), "Development")
    planner.study(account, role)
    assert study.asked("GetRole") == 0
    assert planner.plan(ALICE, account, role).works


def test_a_gateway_that_may_not_ask_iam_knows_nothing_and_works(study: Study) -> None:
    role, planner = study.role("App", 60), study.planner()
    study.signs_as(study.bench.user("careful", STS_ONLY, account=PRODUCTION))
    planner.study(OWN, role)
    planner.study(OWN, role)
    plan = planner.plan(ALICE, OWN, role)
    assert (study.asked("GetRole"), plan.works, plan.seconds) == (1, True, 43_200)


def test_without_credentials_nothing_is_known_and_the_role_is_offered(study: Study) -> None:
    role, planner = study.role("App", 60), study.planner()
    study.monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    study.monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    planner.study(OWN, role)
    known = planner.accounts.get(PRODUCTION)
    assert known is not None
    assert known.signer is Signer.UNKNOWN
    assert planner.plan(ALICE, OWN, role).works


def test_whose_credentials_they_are_is_asked_only_where_the_gateway_signs(study: Study) -> None:
    planner = study.planner()
    for method, expected in ((Method.SAML, Signer.UNKNOWN), (Method.ASSUME_ROLE, Signer.USER)):
        planner.study(OWN, study.role(method.value, 60, method))
        known = planner.accounts.get(PRODUCTION)
        assert known is not None
        assert known.signer is expected


def test_a_role_that_iam_does_not_know_is_not_offered_until_somebody_has_made_it(study: Study) -> None:
    planner, role = study.planner(), a_way(Method.ASSUME_ROLE, f"arn:aws:iam::{PRODUCTION}:role/Later")
    planner.study(OWN, role)
    assert "no role of the name Later" in planner.plan(ALICE, OWN, role).problem
    assert study.role("Later", 60).arn == role.arn
    study.clock.forward(minutes=11)
    planner.study(OWN, role)
    assert (planner.plan(ALICE, OWN, role).works, planner.clamped(role, 43_200)) == (True, 3_600)


def test_an_aws_that_is_away_is_asked_again_and_not_forgotten_for_a_day(study: Study) -> None:
    role, planner = study.role("App", 60), study.planner()
    study.monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:9")
    with pytest.raises(AwsUnavailable):
        planner.study(OWN, role)
    study.monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", study.bench.aws.url)
    study.planner().study(OWN, role)
    assert planner.clamped(role, 43_200) == 3_600


@pytest.mark.parametrize("of", ["a role's", "a user's"])
def test_temporary_credentials_lend_no_user_and_a_roles_are_worth_an_hour(study: Study, of: str) -> None:
    app, planner = study.role("App", 720), study.planner()
    sts = study.bench.client("sts", study.bench.user("other", STS_ONLY, account=PRODUCTION))
    arn = study.role("Gateway", 60).arn
    given = sts.assume_role(RoleArn=arn, RoleSessionName="gateway") if of == "a role's" else sts.get_session_token()
    study.signs_as(given["Credentials"])
    for method, more in ((Method.FEDERATION_TOKEN, {"policy": POLICY}), (Method.SESSION_TOKEN, {})):
        user = a_way(method, BROKER, **more)
        planner.study(OWN, user)
        plan = planner.plan(ALICE, OWN, user)
        assert (plan.works, "are temporary" in plan.reasons[0]) == (False, True)
    planner.study(OWN, app)
    plan = planner.plan(ALICE, OWN, app)
    assert (plan.works, plan.seconds) == (True, 3_600 if of == "a role's" else 43_200)
    assert ("role chaining" in plan.reasons[0]) == (of == "a role's")


def test_what_the_catalog_gives_is_still_the_most(study: Study) -> None:
    role, planner = replace(study.role("App", 720), max_seconds=900), study.planner()
    planner.study(OWN, role)
    assert (planner.clamped(role, 900), planner.plan(ALICE, OWN, role).seconds) == (900, 900)
