"""Calls that fail by count: every n-th, exactly, however many come at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.local.aws.bench import Bench, refusal
from tests.local.aws.pools import new_pool


def outcome(call: Any) -> str:
    try:
        call()
    except ClientError as problem:
        error = problem.response
        return f"{error['ResponseMetadata']['HTTPStatusCode']} {error['Error']['Code']}"
    return "ok"


def many(bench: Bench, calls: int) -> Counter[str]:
    """So many GetCallerIdentity, sixteen at a time."""
    sts = bench.client("sts")
    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(lambda _: outcome(sts.get_caller_identity), range(calls)))


def test_failures_are_500_and_503_in_turn(bench: Bench) -> None:
    bench.aws.turn(fail_every=2)
    sts = bench.client("sts")
    found = [outcome(sts.get_caller_identity) for _ in range(6)]
    assert found == ["ok", "500 InternalFailure", "ok", "503 ServiceUnavailable", "ok", "500 InternalFailure"]


def test_every_third_of_sixty_is_throttled_at_once_or_one_by_one(bench: Bench) -> None:
    bench.aws.turn(throttle_every=3)
    assert many(bench, 60) == {"ok": 40, "400 Throttling": 20}


def test_failures_and_throttling_together_are_counted_too(bench: Bench) -> None:
    bench.aws.turn(throttle_every=4, fail_every=5)
    expected = {"500 InternalFailure": 4, "503 ServiceUnavailable": 4, "400 Throttling": 8, "ok": 24}
    assert many(bench, 40) == expected


def test_a_service_or_an_action_has_a_count_of_its_own(bench: Bench) -> None:
    bench.aws.turn(throttle_every={"GetCallerIdentity": 2, "iam": 1})
    sts, iam = bench.client("sts"), bench.client("iam")
    assert refusal(iam.list_roles).code == "Throttling"
    found = []
    for _ in range(4):
        found.append(outcome(sts.get_caller_identity))
        found.append(outcome(sts.get_session_token))
    assert found == ["ok", "ok", "400 Throttling", "ok"] * 2


def test_cognito_has_its_own_word_for_it(bench: Bench) -> None:
    pool = new_pool(bench)
    bench.aws.turn(throttle_every={"cognito-identity": 1})
    said = refusal(pool.admin.describe_identity_pool, IdentityPoolId=pool.id)
    assert (said.code, said.status) == ("TooManyRequestsException", 400)
    bench.aws.turn(throttle_every=0, fail_every={"DescribeIdentityPool": 1})
    assert refusal(pool.admin.describe_identity_pool, IdentityPoolId=pool.id).code == "InternalErrorException"


def test_a_failure_is_in_the_log(bench: Bench) -> None:
    bench.aws.turn(fail_every=1)
    refusal(bench.client("sts").get_caller_identity)
    entry = bench.aws.calls.entries()[-1]
    assert (entry["action"], entry["result"], entry["status"]) == ("GetCallerIdentity", "InternalFailure", 500)


@pytest.mark.parametrize(
    "knobs",
    [
        {"throttle_every": {"sts": "3"}},
        {"throttle_every": [3]},
        {"fail_every": True},
        {"dead_regions": "eu-west-1"},
        {"slow_regions": {"eu-west-1": 0.5}},
        {"hanging_regions": [1]},
        {"session_token_bytes": {"*": 1}},
    ],
)
def test_a_knob_takes_only_what_fits(bench: Bench, knobs: dict[str, Any]) -> None:
    assert requests.post(f"{bench.aws.url}/_local/knobs", json=knobs, timeout=60).status_code == 400


def test_knobs_can_be_turned_forth_and_back(bench: Bench) -> None:
    url = f"{bench.aws.url}/_local/knobs"
    wanted = {"throttle_every": {"sts": 3}, "dead_regions": ["eu-west-1"], "slow_regions": {"eu-west-2": 50}}
    assert requests.post(url, json=wanted, timeout=60).json().items() >= wanted.items()
    back = {"throttle_every": 0, "dead_regions": [], "slow_regions": {}}
    assert requests.post(url, json=back, timeout=60).json().items() >= back.items()


def test_credentials_end_before_their_time_where_a_test_wants_it(bench: Bench) -> None:
    ended, other = (bench.client("sts").get_session_token()["Credentials"] for _ in range(2))
    address, wanted = f"{bench.aws.url}/_local/expire", {"access_key_ids": [ended["AccessKeyId"], "ASIANOBODY"]}
    assert requests.post(address, data=wanted, timeout=60).status_code == 415, "a page of a browser could send that"
    assert requests.post(address, json=wanted, timeout=60).json() == {"ended": [ended["AccessKeyId"]]}
    assert outcome(bench.client("sts", ended).get_caller_identity) == "403 ExpiredToken"
    assert outcome(bench.client("sts", other).get_caller_identity) == "ok"
