"""What sessions and refusals teach, for whom, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
import redis

from app.core.credentials import Credentials
from app.core.roles import AccountId, Method, Role
from app.errors import AwsRefused
from app.issuers.order import Issued
from app.planning import Planner
from app.store.shelf import Shelf
from tests.core.people import NOW, person
from tests.issuers.ways import a_way
from tests.local.aws.bench import PRODUCTION
from tests.planning.conftest import ALICE, BOB, OWN, Study
from tests.servers.redis_server import RedisServer

DENIED = AwsRefused(
    "AWS has no such role, or its trust policy does not let the gateway in this way. "
    "Show the reference below to the people who manage AWS access.",
    reason="aws.AccessDenied 1111-2222",
)


def numbered(number: int) -> Role:
    return a_way(Method.SAML, f"arn:aws:iam::{PRODUCTION}:role/App{number}")


APP = numbered(0)


def issued(learnt: int | None = None, percent: int | None = None) -> Issued:
    end = NOW + timedelta(hours=1)
    return Issued(Credentials("ASIAEXAMPLE", "secret", "token", end, AccountId(PRODUCTION)), learnt, percent)


def test_a_shorter_session_teaches_the_length_to_everybody_for_a_day(study: Study) -> None:
    study.planner().learn(ALICE, APP, issued(learnt=3_600))
    other = study.planner()
    plan = other.plan(BOB, OWN, APP)
    assert (plan.seconds, "AWS has refused more" in plan.reasons[0]) == (3_600, True)
    assert (other.clamped(APP, 43_200), other.clamped(APP, 900)) == (3_600, 900)
    study.clock.forward(days=1, seconds=1)
    assert other.clamped(APP, 43_200) == 43_200


def test_what_is_learnt_late_is_kept_as_long_as_what_was_learnt_first(study: Study) -> None:
    """All of an account lies in one document, whose end must not be that of its oldest line."""
    planner = study.planner()
    planner.learn(ALICE, APP, issued(learnt=3_600))
    before = _cut_short(study, planner)
    planner.learn(ALICE, numbered(1), issued(learnt=3_600))
    assert _cut_short(study, planner) >= before - 60_000


def _cut_short(study: Study, planner: Planner) -> int:
    """Let the account's document end in a minute; the milliseconds that it had."""
    name = planner.accounts._names(PRODUCTION)[0]  # Redis knows when it ends
    with redis.from_url(study.redis_url) as client:
        left = int(client.pttl(name))
        client.pexpire(name, 60_000)
        return left


def test_a_refusal_is_of_one_person_and_is_over_after_ten_minutes(study: Study) -> None:
    planner = study.planner()
    planner.refused(ALICE, APP, DENIED)
    plan = study.planner().plan(ALICE, OWN, APP)
    assert (plan.works, plan.reasons[0]) == (False, plan.problem)
    assert plan.problem.endswith("does not let the gateway in this way (AccessDenied).")
    assert "reference below" not in plan.problem
    assert planner.plan(BOB, OWN, APP).works
    assert planner.plan(ALICE, OWN, numbered(1)).works
    study.clock.forward(minutes=10)
    assert planner.plan(ALICE, OWN, APP).works


def test_a_later_refusal_is_remembered_for_its_own_ten_minutes(study: Study) -> None:
    planner = study.planner()
    planner.refused(ALICE, APP, DENIED)
    study.clock.forward(minutes=9)
    planner.refused(ALICE, numbered(1), DENIED)
    study.clock.forward(minutes=2)
    plans = planner.plans(ALICE, {role.arn: (OWN, role) for role in (APP, numbered(1))})
    assert [plan.works for plan in plans.values()] == [True, False]


def test_a_session_that_is_given_ends_what_was_said_of_the_role(study: Study) -> None:
    planner = study.planner()
    for role in (APP, numbered(1)):
        planner.refused(ALICE, role, DENIED)
    planner.learn(ALICE, APP, issued())
    plans = planner.plans(ALICE, {role.arn: (OWN, role) for role in (APP, numbered(1))})
    assert [plan.works for plan in plans.values()] == [True, False]


def test_what_is_no_code_of_awss_is_said_in_words_alone(study: Study) -> None:
    planner = study.planner()
    planner.refused(ALICE, APP, AwsRefused("The catalog names another user.", reason="aws.caller other"))
    assert planner.plan(ALICE, OWN, APP).problem.endswith("The catalog names another user.")


def test_a_nearly_full_space_for_policies_and_tags_is_told(study: Study) -> None:
    planner = study.planner()
    planner.learn(ALICE, APP, issued(percent=93))
    assert "fill 93 % of the space" in planner.plan(BOB, OWN, APP).reasons[-1]
    planner.learn(ALICE, APP, issued(percent=12))
    assert "fill" not in " ".join(planner.plan(BOB, OWN, APP).reasons)


def test_two_workers_at_once_lose_nothing_of_what_they_learn(study: Study) -> None:
    workers = [study.planner() for _ in range(2)]
    people = [person(name).person for name in "abcdef"]

    def learn(number: int) -> None:
        workers[number % 2].learn(people[number % 6], numbered(number), issued(learnt=3_600))

    def refuse(number: int) -> None:
        workers[number % 2].refused(BOB, numbered(number), DENIED)

    _together(learn)
    assert {workers[0].clamped(numbered(number), 43_200) for number in range(12)} == {3_600}
    _together(refuse)
    plans = workers[1].plans(BOB, {numbered(n).arn: (OWN, numbered(n)) for n in range(12)})
    assert {plan.works for plan in plans.values()} == {False}


def _together(act: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(12)))


@dataclass(frozen=True, slots=True)
class KnowledgeOfTomorrow:
    """The same document in a later version of the gateway."""

    needed_now: int


def test_what_another_version_wrote_is_no_hindrance(study: Study) -> None:
    planner = study.planner()
    shelf = planner.accounts
    later = Shelf("account", KnowledgeOfTomorrow, shelf._drawers, shelf._sealer)  # as it would
    later.put(PRODUCTION, KnowledgeOfTomorrow(1), timedelta(days=2))
    planner.learn(ALICE, APP, issued(learnt=3_600))
    assert planner.clamped(APP, 43_200) == 3_600


def test_a_list_of_many_roles_is_few_questions_to_the_store(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    planner = study.planner()
    asked: list[str] = []
    get = Shelf.get

    def counting(shelf: Shelf[object], key: str) -> object:
        asked.append(key)
        return get(shelf, key)

    monkeypatch.setattr(Shelf, "get", counting)
    assert len(planner.plans(ALICE, {numbered(n).arn: (OWN, numbered(n)) for n in range(40)})) == 40
    assert len(asked) == 2


def test_credentials_are_not_lost_for_what_cannot_be_remembered(
    study: Study, start_redis: Callable[[], RedisServer]
) -> None:
    server = start_redis()
    planner = study.planner(server.url)
    planner.learn(ALICE, APP, issued(learnt=7_200))
    server.kill()
    planner.learn(ALICE, APP, issued(learnt=3_600))
    planner.refused(ALICE, APP, DENIED)
    server.start()
    assert planner.clamped(APP, 43_200) == 43_200
