"""Regions that fail: who is asked next, who is left alone, and how long anybody waits."""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from app.core.roles import Method, Partition, region_partition
from app.errors import AwsRefused, AwsUnavailable
from app.issuers.asking import DEADLINE, READ_SECONDS, Asking
from app.issuers.circuits import FAILURES, REST, Circuits
from app.issuers.regions import asked_regions, home_regions
from tests.issuers.ways import Ways, a_way, an_order
from tests.patience import without_waiting

HERE, THERE = "eu-west-1", "eu-central-1"


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def error(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "AssumeRole")  # type: ignore[arg-type]


TIMED_OUT = ReadTimeoutError(endpoint_url="https://sts")
NOT_REACHED = EndpointConnectionError(endpoint_url="https://sts")


class Sts:
    """Answers by region what it was told; each call takes its time."""

    def __init__(self, clock: Clock, answers: dict[str, Exception | None], takes: float = 0.05) -> None:
        self.clock, self.answers, self.takes = clock, answers, takes
        self.asked: list[str] = []

    def __call__(self, region: str) -> str:
        self.asked.append(region)
        self.clock.sleep(self.takes)
        problem = self.answers.get(region)
        if problem is not None:
            raise problem
        return region


def asking(clock: Clock) -> Asking:
    return Asking(Circuits(clock), clock, clock.sleep, lambda: 0.5)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "ap-south-2", "sa-east-1", "cn-north-1", "us-gov-east-1"])
def test_the_second_region_is_another_one_of_the_same_partition(region: str) -> None:
    first, second = asked_regions(region)
    assert first == region != second
    assert region_partition(first) is region_partition(second)


def test_the_operator_may_choose_the_second_region_and_the_process_its_home() -> None:
    assert asked_regions("eu-west-1", "eu-north-1") == ("eu-west-1", "eu-north-1")
    assert asked_regions("eu-west-1", "eu-west-1") == ("eu-west-1",)
    assert home_regions(Partition.AWS, "eu-north-1")[0] == "eu-north-1"
    assert home_regions(Partition.CHINA, "eu-north-1")[0] == "cn-north-1"


@pytest.mark.parametrize(
    "problem",
    [error("Throttling"), error("InternalFailure", 500), error("RegionDisabledException", 403), TIMED_OUT, NOT_REACHED],
)
def test_what_may_pass_is_asked_for_in_the_other_region(problem: Exception) -> None:
    clock = Clock()
    sts = Sts(clock, {HERE: problem})
    assert asking(clock).ask("sts", (HERE, THERE), sts, DEADLINE) == THERE
    assert sts.asked == [HERE, THERE]


def test_after_the_last_try_nobody_waits_any_more() -> None:
    clock = Clock()
    sts = Sts(clock, {HERE: error("Throttling"), THERE: error("Throttling")}, takes=0.0)
    with pytest.raises(ClientError):
        asking(clock).ask("sts", (HERE, THERE), sts, DEADLINE)
    assert sts.asked == [HERE, THERE, HERE, THERE]
    assert clock() == pytest.approx(0.5 * (0.1 + 0.2 + 0.4))


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "InvalidIdentityToken", "IDPRejectedClaim", "ExpiredTokenException", "MalformedPolicyDocument",
     "PackedPolicyTooLarge", "ValidationError"],
)  # fmt: skip
def test_a_refusal_is_final(code: str) -> None:
    clock = Clock()
    sts = Sts(clock, {HERE: error(code, 403)})
    with pytest.raises(ClientError):
        asking(clock).ask("sts", (HERE, THERE), sts, DEADLINE)
    assert sts.asked == [HERE]


@pytest.mark.parametrize(
    ("problem", "regions"),
    [
        (TIMED_OUT, [HERE]),
        (error("InternalFailure", 500), [HERE]),
        (NOT_REACHED, [HERE, THERE]),
        (ConnectTimeoutError(endpoint_url="https://sts"), [HERE, THERE]),
        (error("Throttling"), [HERE, THERE]),
    ],
)
def test_a_code_that_works_once_is_sent_again_only_if_aws_cannot_have_used_it(
    problem: Exception, regions: list[str]
) -> None:
    clock = Clock()
    sts = Sts(clock, {HERE: problem})
    try:
        asking(clock).ask("sts", (HERE, THERE), sts, DEADLINE, once=True)
    except (ClientError, ReadTimeoutError):
        assert len(regions) == 1
    assert sts.asked == regions


def test_nothing_is_begun_that_could_end_after_the_deadline() -> None:
    clock = Clock()
    sts = Sts(clock, {HERE: TIMED_OUT, THERE: TIMED_OUT}, takes=6.5)
    with pytest.raises(ReadTimeoutError):
        asking(clock).ask("sts", (HERE, THERE), sts, DEADLINE)
    assert clock() <= DEADLINE
    late = Sts(clock, {})
    with pytest.raises(AwsUnavailable) as told:
        asking(clock).ask("sts", (HERE, THERE), late, clock() + 1)
    assert (told.value.reason, late.asked) == ("aws.deadline", [])


def test_an_issuer_that_aws_cannot_reach_does_not_shut_the_region_for_everybody() -> None:
    """One company's broken issuer is no fault of STS, from which all other roles still come."""
    clock = Clock()
    all_roles = asking(clock)
    broken = error("IDPCommunicationError")
    for _ in range(FAILURES):
        with pytest.raises(ClientError):
            all_roles.ask("sts", (HERE, THERE), Sts(clock, {HERE: broken, THERE: broken}), clock() + DEADLINE)
    another = Sts(clock, {})
    assert all_roles.ask("sts", (HERE, THERE), another, clock() + DEADLINE) == HERE


def test_a_region_that_fails_is_left_alone_and_tried_by_one_after_a_while() -> None:
    clock = Clock()
    circuits = Circuits(clock)
    for _ in range(FAILURES):
        assert circuits.may_ask("sts here")
        circuits.failed("sts here")
    assert not circuits.may_ask("sts here")
    assert circuits.may_ask("sts there")
    clock.sleep(REST)
    assert [circuits.may_ask("sts here") for _ in range(3)] == [True, False, False]
    circuits.answered("sts here")
    assert [circuits.may_ask("sts here") for _ in range(3)] == [True, True, True]


def test_a_probe_that_fails_keeps_the_circuit_open() -> None:
    clock = Clock()
    circuits = Circuits(clock)
    for _ in range(FAILURES):
        circuits.failed("sts here")
    clock.sleep(REST)
    assert circuits.may_ask("sts here")
    circuits.failed("sts here")
    clock.sleep(REST / 2)
    assert not circuits.may_ask("sts here")


def test_when_all_regions_rest_the_answer_comes_at_once() -> None:
    clock = Clock()
    patient = asking(clock)
    sts = Sts(clock, {HERE: NOT_REACHED, THERE: NOT_REACHED})
    for _ in range(4):
        with pytest.raises((EndpointConnectionError, AwsUnavailable)):
            patient.ask("sts", (HERE, THERE), sts, clock() + DEADLINE)
    asked, began = len(sts.asked), clock()
    with pytest.raises(AwsUnavailable) as told:
        patient.ask("sts", (HERE, THERE), sts, clock() + DEADLINE)
    assert (len(sts.asked), clock(), told.value.reason) == (asked, began, "aws.circuit-open")


def test_a_region_that_has_just_failed_somebody_comes_second_for_everybody() -> None:
    clock = Clock()
    patient = asking(clock)
    sts = Sts(clock, {HERE: NOT_REACHED})
    for _ in range(3):
        assert patient.ask("sts", (HERE, THERE), sts, clock() + DEADLINE) == THERE
    assert sts.asked == [HERE, THERE, THERE, THERE]


@pytest.fixture
def regional(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> Ways:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{ways.bench.aws.url}/_region/{{region}}")
    return ways


@pytest.mark.parametrize("method", [Method.SAML, Method.ASSUME_ROLE])
@pytest.mark.parametrize("knob", ["dead_regions", "hanging_regions", "disabled_regions"])
def test_one_region_that_fails_costs_seconds_once_and_then_nothing(regional: Ways, method: Method, knob: str) -> None:
    role = a_way(method, regional.role(method, "App"))
    issuer = regional.issuers()[method]
    regional.bench.aws.turn(**{knob: [HERE]})
    assert issuer.issue(an_order(role))
    with without_waiting(3 * READ_SECONDS):
        for _ in range(3):
            assert issuer.issue(an_order(role))


def test_two_dead_regions_are_one_clear_error(regional: Ways) -> None:
    role = a_way(Method.SAML, regional.role(Method.SAML, "App"))
    regional.bench.aws.turn(dead_regions=[HERE, THERE])
    with pytest.raises(AwsUnavailable, match="AWS does not answer"):
        regional.issue(role)


def test_a_region_that_is_off_in_both_places_says_so(regional: Ways) -> None:
    role = a_way(Method.ASSUME_ROLE, regional.role(Method.ASSUME_ROLE, "App"))
    issuer = regional.issuers()[Method.ASSUME_ROLE]
    assert issuer.issue(an_order(role))
    regional.bench.aws.turn(disabled_regions=[HERE, THERE])
    with pytest.raises(AwsRefused, match="has not turned on AWS STS"):
        issuer.issue(an_order(role))


@pytest.mark.parametrize("knob", ["dead_regions", "hanging_regions"])
def test_of_300_people_each_gets_credentials_or_one_clear_error_in_time(regional: Ways, knob: str) -> None:
    """AWS throttles every third call, and one region is gone."""
    role = a_way(Method.SAML, regional.role(Method.SAML, "App"))
    issuer = regional.issuers()[Method.SAML]
    regional.bench.aws.turn(throttle_every=3, **{knob: [HERE]})

    def one(_: int) -> tuple[str, float]:
        begun = time.monotonic()
        try:
            issuer.issue(an_order(role))
        except AwsUnavailable as told:
            return told.sentence, time.monotonic() - begun
        return "credentials", time.monotonic() - begun

    with ThreadPoolExecutor(8) as people:
        ends = list(people.map(one, range(300)))
    counted = Counter(end for end, _ in ends)
    sys.stdout.write(f"{knob}: {dict(counted)}, the longest took {max(took for _, took in ends):.1f} s\n")
    assert len(counted) <= 2
    assert counted["credentials"] >= 270  # four throttled calls in a row are rare
    assert max(took for _, took in ends) < 2 * DEADLINE  # the machine's own slowness under this load
