"""Regional endpoints, and what can be wrong with a region: switched off, dead, slow, silent."""

from __future__ import annotations

import threading
import time
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.local.aws.bench import PRODUCTION, Bench, refusal
from tests.local.aws.test_vectors_console import ask, role_credentials, session_of
from tests.local.aws.test_vectors_names import open_role
from tests.patience import NEVER, until

DEAD, ALIVE = "eu-west-1", "eu-central-1"


def at(bench: Bench, region: str, scope: str = "") -> Any:
    """STS at the endpoint of a region."""
    return bench.client("sts", region=scope or region, url=bench.aws.regional(region))


def web_identity(bench: Bench, region: str, role: str, **config: Any) -> Any:
    """AssumeRoleWithWebIdentity there, which nobody signs."""
    plain = {"signature_version": UNSIGNED, "retries": {"max_attempts": 0}, "proxies": {}, **config}
    sts = boto3.client("sts", endpoint_url=bench.aws.regional(region), region_name=region, config=Config(**plain))
    token = bench.oidc.token(bench.now())
    return sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="alice", WebIdentityToken=token)


def test_signed_calls_say_the_region_of_their_endpoint(bench: Bench) -> None:
    assert at(bench, ALIVE).get_caller_identity()["Account"] == PRODUCTION
    said = refusal(at(bench, ALIVE, scope=DEAD).get_caller_identity)
    assert (said.code, said.message) == ("SignatureDoesNotMatch", "Credential should be scoped to a valid region.")


def test_a_region_that_is_none(bench: Bench) -> None:
    for address in ("/_region/nowhere/", "/_region/", "/_region/../"):
        assert requests.post(f"{bench.aws.url}{address}", timeout=60).status_code >= 400


def test_policies_see_the_region_of_an_unsigned_call(bench: Bench) -> None:
    role = bench.oidc_role(
        "Local", StringEquals={"id.example.test:aud": "sts.amazonaws.com", "aws:RequestedRegion": ALIVE}
    )
    assert web_identity(bench, ALIVE, role)["Credentials"]
    with pytest.raises(Exception, match="AccessDenied"):
        web_identity(bench, DEAD, role)
    with pytest.raises(Exception, match="AccessDenied"):
        bench.with_token(role, bench.oidc.token(bench.now()))


def test_everything_has_a_regional_address(bench: Bench) -> None:
    s3 = bench.client("s3", region=ALIVE, url=bench.aws.regional(ALIVE))
    s3.create_bucket(Bucket="productionapp", CreateBucketConfiguration={"LocationConstraint": ALIVE})
    s3.put_object(Bucket="productionapp", Key="a b", Body=b"x")
    assert s3.get_object(Bucket="productionapp", Key="a b")["Body"].read() == b"x"
    assert bench.client("iam", url=bench.aws.regional("us-east-1")).list_roles()["Roles"] == []
    assert bench.client("sts", region=ALIVE).get_caller_identity()["Account"] == PRODUCTION


def test_a_region_that_is_switched_off_for_unsigned_calls_too(bench: Bench) -> None:
    role = bench.oidc_role()
    bench.aws.turn(disabled_regions=[DEAD])
    with pytest.raises(Exception, match="RegionDisabledException") as caught:
        web_identity(bench, DEAD, role)
    assert f"not activated in this region for account:{PRODUCTION}." in str(caught.value)
    said = refusal(at(bench, DEAD).assume_role, RoleArn=open_role(bench), RoleSessionName="alice")
    assert (said.code, said.status) == ("RegionDisabledException", 403)
    assert web_identity(bench, ALIVE, role)["Credentials"]


def test_a_dead_region_closes_the_line_without_a_word(bench: Bench) -> None:
    role = bench.oidc_role()
    bench.aws.turn(dead_regions=[DEAD])
    with pytest.raises(ConnectionClosedError):
        web_identity(bench, DEAD, role)
    with pytest.raises(ConnectionClosedError):
        at(bench, DEAD).get_caller_identity()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{bench.aws.regional(DEAD)}/federation", timeout=60)
    assert web_identity(bench, ALIVE, role)["Credentials"]
    bench.aws.turn(dead_regions=[])
    assert web_identity(bench, DEAD, role)["Credentials"]


def test_a_dead_region_counts_no_call_and_reads_no_log(bench: Bench) -> None:
    bench.aws.turn(dead_regions=[DEAD])
    before = len(bench.aws.calls.entries())
    with pytest.raises(ConnectionClosedError):
        at(bench, DEAD).get_caller_identity()
    assert len(bench.aws.calls.entries()) == before


def test_a_silent_region_never_answers(bench: Bench) -> None:
    role = bench.oidc_role()
    bench.aws.turn(hanging_regions=[DEAD])
    begun = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        web_identity(bench, DEAD, role, read_timeout=1)
    assert time.monotonic() - begun >= 1
    assert web_identity(bench, ALIVE, role, read_timeout=60)["Credentials"]


def test_a_silent_region_keeps_no_thread_of_a_client_that_left(bench: Bench) -> None:
    role = bench.oidc_role()
    bench.aws.turn(hanging_regions=[DEAD])
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(ReadTimeoutError):
            web_identity(bench, DEAD, role, read_timeout=0.3)
    until(lambda: threading.active_count() <= before)


def test_a_slow_region_answers_late(bench: Bench) -> None:
    bench.aws.turn(slow_regions={DEAD: round(NEVER * 1_000)})
    assert at(bench, ALIVE).get_caller_identity()
    bench.aws.turn(slow_regions={DEAD: 1_000})
    begun = time.monotonic()
    assert at(bench, DEAD).get_caller_identity()
    assert time.monotonic() - begun >= 1


def test_the_console_has_regional_addresses_of_its_partition(bench: Bench) -> None:
    credentials = role_credentials(bench)
    form = {"Action": "getSigninToken", "Session": session_of(credentials)}
    here = requests.post(f"{bench.aws.regional(DEAD)}/federation", data=form, timeout=60)
    assert here.json()["SigninToken"]
    there = requests.post(f"{bench.aws.regional('cn-north-1')}/federation", data=form, timeout=60)
    assert (there.status_code, ask(bench, credentials).status_code) == (400, 200)
