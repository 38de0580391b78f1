"""Terraform, `make -j` and a fan of browser tabs start the helper dozens of times in the same second."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal, Typed, refresh_token
from tests.patience import until

STILL_ALIVE = 3600 - 300  # seconds since they were fetched; they have five minutes left
BY_PROFILE = ("credential-process", "--profile", "production.UpdateApp")


@pytest.fixture
def signed_in(signed_in: Terminal, patient_pyz: Path) -> Terminal:
    signed_in.pyz = patient_pyz
    return signed_in


def finished(started: list[subprocess.Popen[str]]) -> list[Typed]:
    ends = [one.communicate(timeout=120) for one in started]
    return [Typed(one.returncode, *end) for one, end in zip(started, ends, strict=True)]


@pytest.mark.parametrize("age", [0, STILL_ALIVE, 4000])
def test_fifty_at_once_make_one_call(signed_in: Terminal, gateway: Gateway, age: int) -> None:
    if age:
        signed_in.credentials()
        signed_in.age(age)
        gateway.calls.clear()
    gateway.delay = 0.3
    ends = finished([signed_in.start(*BY_PROFILE, "--max-wait", "60") for _ in range(50)])
    assert {(end.code, end.err) for end in ends} == {(0, "")}
    # With minutes left nobody waits long: on a busy machine the last ones hand out what lives, and one may ask again.
    answers = 2 if age == STILL_ALIVE else 1
    assert len({end.out for end in ends}) <= answers
    assert 1 <= gateway.calls["/api/v1/credentials"] <= answers


@pytest.mark.parametrize("age", [STILL_ALIVE, 4000])
def test_twenty_at_once_as_aws_tools_start_them_make_one_call(signed_in: Terminal, gateway: Gateway, age: int) -> None:
    assert signed_in.type("profiles", "sync").code == 0
    signed_in.launched()
    signed_in.age(age)
    gateway.calls.clear()
    ends = finished([signed_in.launch() for _ in range(20)])
    assert {(end.code, end.err) for end in ends} == {(0, "")}
    # With minutes left nobody waits long: on a busy machine the last ones hand out what lives, and one may ask again.
    answers = 2 if age == STILL_ALIVE else 1
    assert len({end.out for end in ends}) <= answers
    assert 1 <= gateway.calls["/api/v1/credentials"] <= answers


def test_fifty_at_once_make_one_call_even_for_a_role_of_fifteen_minutes(signed_in: Terminal, gateway: Gateway) -> None:
    """Nothing that it can get has 15 minutes left, so freshness alone would send each of them to the gateway."""
    gateway.credentials_life = 890
    gateway.open.clear()
    first = signed_in.start(*BY_PROFILE, "--max-wait", "60")
    until(lambda: gateway.calls["/api/v1/credentials"] == 1)
    others = [signed_in.start(*BY_PROFILE, "--max-wait", "60") for _ in range(9)]
    [lock] = signed_in.cache.glob("*.lock")
    until(lambda: all(has_open(one.pid, lock) for one in others))
    gateway.open.set()
    assert {end.code for end in finished([first, *others])} == {0}
    assert gateway.calls["/api/v1/credentials"] == 1


def test_thirty_at_once_with_a_spent_access_token_renew_once(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.spend_access_tokens()
    gateway.grace = 0.0  # a second use of the refresh token would end the sign-in
    words = [("--role-arn", str(role["arn"])) for role in gateway.roles]
    started = [signed_in.start("credential-process", *words[n % 3], "--max-wait", "60") for n in range(30)]
    assert {end.code for end in finished(started)} == {0}
    assert gateway.calls["grant:refresh_token"] == 1
    assert gateway.calls["/api/v1/credentials"] <= 6  # each role once, and once more with the new token


def test_the_wait_is_bounded(signed_in: Terminal) -> None:
    signed_in.credentials()
    signed_in.age(4000)
    [path] = signed_in.cached()
    with Path(f"{path}.lock").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        typed = signed_in.type(*BY_PROFILE, "--max-wait", "1")
    assert (typed.code, typed.out) == (6, "")
    assert "another fedgate is still busy after 1 s" in typed.err


def test_who_waits_in_vain_still_gets_what_lives(signed_in: Terminal) -> None:
    first = signed_in.credentials()
    signed_in.age(3600 - 300)
    [path] = signed_in.cached()
    with Path(f"{path}.lock").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert signed_in.type(*BY_PROFILE, "--max-wait", "0.1") == first


def test_what_came_while_one_waited_is_taken_though_it_was_asked_for_before(
    signed_in: Terminal, gateway: Gateway
) -> None:
    """Nothing of such a role has 15 minutes left, and behind a slow gateway each of many would ask once more."""
    gateway.credentials_life = 890
    signed_in.credentials()
    gateway.calls.clear()
    [path] = signed_in.cached()
    lock = Path(f"{path}.lock")
    with lock.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = signed_in.start(*BY_PROFILE, "--max-wait", "60")
        until(lambda: has_open(waiting.pid, lock))
        signed_in.age(10)  # another one than it has seen, and older than its own start
    [end] = finished([waiting])
    assert (end.code, end.err) == (0, "")
    assert gateway.calls["/api/v1/credentials"] == 0


def has_open(process: int, path: Path) -> bool:
    with suppress(OSError):
        return any(os.path.realpath(one) == os.path.realpath(path) for one in Path(f"/proc/{process}/fd").iterdir())
    return False


def test_a_killed_holder_leaves_no_lock_and_no_half_file(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.delay = 30
    holder = signed_in.start(*BY_PROFILE)
    until(lambda: gateway.calls["/api/v1/credentials"] == 1)
    waiting = signed_in.start(*BY_PROFILE, "--max-wait", "30")
    gateway.delay = 0
    holder.send_signal(signal.SIGKILL)
    [killed, served] = finished([holder, waiting])
    assert (killed.code, killed.out) == (-signal.SIGKILL, "")
    assert (served.code, served.err) == (0, "")
    assert gateway.calls["/api/v1/credentials"] == 2
    assert [path.name for path in signed_in.cache.iterdir() if path.name.endswith(".new")] == []


def test_a_killed_holder_that_aws_tools_have_started_blocks_nobody(signed_in: Terminal, gateway: Gateway) -> None:
    assert signed_in.type("profiles", "sync").code == 0
    gateway.delay = 30
    holder = signed_in.launch()
    until(lambda: gateway.calls["/api/v1/credentials"] == 1)
    waiting = [signed_in.launch() for _ in range(8)]
    gateway.delay = 0
    os.kill(holder.pid, signal.SIGKILL)
    killed, *served = finished([holder, *waiting])
    assert killed.code == -signal.SIGKILL
    assert {(one.code, one.err) for one in served} == {(0, "")}
    assert len({one.out for one in served}) == 1
    assert gateway.calls["/api/v1/credentials"] == 2


def test_a_helper_killed_between_renewal_and_keeping_it_does_not_lose_the_sign_in(
    signed_in: Terminal, gateway: Gateway
) -> None:
    """The gateway has rotated, the file still holds the old refresh token: the grace gives the same successor."""
    gateway.spend_access_tokens()
    old = refresh_token(signed_in)
    status, successor = gateway.rotate(old)
    assert status == 200
    assert signed_in.credentials().code == 0
    assert refresh_token(signed_in) == successor["refresh_token"]


def test_an_access_token_is_renewed_before_it_expires(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.access_life = 20
    assert signed_in.login("--force").code == 0
    gateway.calls.clear()
    assert signed_in.credentials().code == 0
    assert gateway.calls["grant:refresh_token"] == 1
    assert gateway.calls["/api/v1/credentials"] == 1


def test_an_ended_sign_in_is_said_once_by_the_gateway_and_then_known(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.end_sign_ins()
    first, second = signed_in.credentials(), signed_in.credentials()
    assert (first.code, second.code) == (4, 4)
    assert first.err.endswith("run: fedgate login\n")
    assert gateway.calls["grant:refresh_token"] == 1


def test_a_gateway_that_is_down_during_renewal_does_not_end_the_sign_in(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.access_life = 20
    assert signed_in.login("--force").code == 0
    gateway.raw = (503, {}, b"upstream is away")
    assert signed_in.credentials().code == 3
    gateway.raw = None
    assert signed_in.credentials().code == 0


def test_killed_at_any_moment_the_next_one_works(signed_in: Terminal, gateway: Gateway) -> None:
    for pause in (0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2, 0.25, 0.3):
        gateway.spend_access_tokens()
        if signed_in.home.joinpath(".cache").exists():
            signed_in.age(4000)
        started = signed_in.start(*BY_PROFILE)
        time.sleep(pause)
        os.kill(started.pid, signal.SIGKILL)
        started.communicate()
        typed = signed_in.credentials()
        assert (typed.code, typed.err) == (0, ""), f"after {pause} s"
        assert json.loads(typed.out)["Version"] == 1
