from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.deadline import WORK
from tests.cli.fake_answers import READ_ONLY, UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal, Typed
from tests.patience import until, without_waiting

LINE = re.compile(
    r'\{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",'
    r'"SessionToken":"EXAMPLETOKEN\d+","Expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","AccountId":"999999999999"\}\n'
)
FOREIGN = "arn:aws:iam::999999999999:role/NotHers"
BY_PROFILE = ("--profile", "production.UpdateApp")


@pytest.mark.parametrize(
    "words",
    [
        BY_PROFILE,
        ("--profile=production.UpdateApp",),
        ("--role-arn", UPDATE_APP),
        ("--account", "999999999999", "--role", "UpdateApp"),
        (*BY_PROFILE, "--max-wait", "1", "--"),
    ],
)
def test_ada_gets_one_line_and_silence(signed_in: Terminal, words: tuple[str, ...]) -> None:
    typed = signed_in.credentials(*words)
    assert (typed.code, typed.err) == (0, "")
    assert LINE.fullmatch(typed.out)


@pytest.mark.parametrize("name", ["process", "credential_process"])
def test_other_tools_names_for_it_work(signed_in: Terminal, name: str) -> None:
    assert LINE.fullmatch(signed_in.type(name, *BY_PROFILE).out)


def test_general_options_may_stand_in_front(signed_in: Terminal, gateway: Gateway) -> None:
    assert signed_in.type("--gateway", gateway.address, "credential-process", *BY_PROFILE).code == 0


def test_a_role_with_a_path_is_named_with_it(signed_in: Terminal) -> None:
    typed = signed_in.credentials("--account", "111111111111", "--role", "team/ReadOnly")
    assert json.loads(typed.out)["AccountId"] == "111111111111"


def test_the_partition_of_a_role_comes_from_the_profiles(signed_in: Terminal, gateway: Gateway) -> None:
    china = "arn:aws-cn:iam::999999999999:role/UpdateApp"
    gateway.roles[0]["arn"] = china
    assert signed_in.type("profiles", "sync").code == 0
    assert signed_in.credentials("--account", "999999999999", "--role", "UpdateApp").code == 0
    assert json.loads(gateway.seen[-1][3]) == {"role_arn": china}


def test_the_second_call_asks_nobody(signed_in: Terminal, gateway: Gateway) -> None:
    first = signed_in.credentials()
    assert signed_in.credentials() == first
    assert gateway.calls["/api/v1/credentials"] == 1
    assert set(gateway.calls) == {"/api/v1/credentials"}


def test_less_than_fifteen_minutes_are_not_handed_out_while_there_is_better(
    signed_in: Terminal, gateway: Gateway
) -> None:
    first = signed_in.credentials()
    signed_in.age(3600 - 14 * 60)
    second = signed_in.credentials()
    assert second.out != first.out
    assert gateway.calls["/api/v1/credentials"] == 2
    left = datetime.fromisoformat(json.loads(second.out)["Expiration"]) - datetime.now(UTC)
    assert left > timedelta(minutes=15)


def test_a_little_more_than_fifteen_minutes_are_enough(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    signed_in.age(3600 - 17 * 60)
    signed_in.credentials()
    assert gateway.calls["/api/v1/credentials"] == 1


@pytest.mark.parametrize("code", ["aws_unavailable", "store_unavailable", "audit_unavailable", "unexpected"])
def test_when_the_gateway_fails_what_still_lives_is_handed_out(
    signed_in: Terminal, gateway: Gateway, code: str
) -> None:
    first = signed_in.credentials()
    signed_in.age(3600 - 120)
    gateway.problem = code
    typed = signed_in.credentials()
    assert (typed.code, typed.err) == (0, "")
    assert typed.out == first.out
    assert gateway.calls["/api/v1/credentials"] == 2


def test_when_the_gateway_is_gone_what_still_lives_is_handed_out(signed_in: Terminal, gateway: Gateway) -> None:
    first = signed_in.credentials()
    signed_in.age(3600 - 120)
    gateway.server.shutdown()
    gateway.server.server_close()
    assert signed_in.credentials() == first


def test_a_gateway_that_hangs_does_not_hold_up_what_still_lives(signed_in: Terminal, gateway: Gateway) -> None:
    """The Rust SDK gives up after 5 seconds."""
    first = signed_in.credentials()
    signed_in.age(3600 - 120)
    gateway.open.clear()
    with without_waiting(WORK):
        assert signed_in.credentials() == first


def test_what_dies_within_a_minute_is_never_handed_out(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    signed_in.age(3600 - 45)
    gateway.problem = "aws_unavailable"
    typed = signed_in.credentials()
    assert (typed.code, typed.out) == (3, "")


@pytest.mark.parametrize(("code", "exit_code"), [("role_denied", 5), ("aws_refused", 7), ("sign_in_required", 4)])
def test_a_refusal_is_obeyed_even_with_credentials_in_hand(
    signed_in: Terminal, gateway: Gateway, code: str, exit_code: int
) -> None:
    signed_in.credentials()
    signed_in.age(3600 - 120)
    gateway.problem = code
    typed = signed_in.credentials()
    assert (typed.code, typed.out) == (exit_code, "")


def test_credentials_from_a_moved_clock_are_not_trusted(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    signed_in.age(-20 * 3600)
    signed_in.credentials()
    assert gateway.calls["/api/v1/credentials"] == 2


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("sign_in_required", 4),
        ("role_denied", 5),
        ("aws_refused", 7),
        ("aws_unavailable", 3),
        ("store_unavailable", 3),
        ("audit_unavailable", 3),
        ("provider_unavailable", 3),
        ("invalid_request", 2),
        ("too_many_requests", 3),
        ("unexpected", 1),
    ],
)
def test_each_refusal_has_its_exit_code_and_one_short_line(
    signed_in: Terminal, gateway: Gateway, code: str, exit_code: int
) -> None:
    gateway.problem = code
    assert_refused(signed_in.credentials(), exit_code)


def test_of_a_long_refusal_the_reference_stays(signed_in: Terminal, gateway: Gateway) -> None:
    body = {"code": "aws_refused", "detail": "Because. " * 30, "reference": "R-12345"}
    gateway.raw = (502, {"Content-Type": "application/problem+json"}, json.dumps(body).encode())
    typed = signed_in.credentials()
    assert_refused(typed, 7)
    assert re.search(r"Because\..*\.\.\. \(reference R-12345\); run: fedgate status$", typed.err)


def assert_refused(typed: Typed, exit_code: int) -> None:
    assert (typed.code, typed.out) == (exit_code, "")
    assert re.fullmatch(r"fedgate: [ -~]+; run: fedgate [ -~]+\n", typed.err)
    assert len(typed.err.encode()) <= 200


def test_somebody_who_is_not_signed_in_reads_what_to_run(signed_in: Terminal) -> None:
    assert signed_in.type("logout").code == 0
    typed = signed_in.credentials()
    assert_refused(typed, 4)
    assert typed.err.endswith("; run: fedgate login\n")


def test_an_unknown_profile_leads_to_sync(signed_in: Terminal) -> None:
    typed = signed_in.credentials("--profile", "staging.UpdateApp")
    assert_refused(typed, 2)
    assert typed.err.endswith("; run: fedgate profiles sync\n")


def test_a_role_that_is_not_hers_leads_to_her_roles(signed_in: Terminal) -> None:
    typed = signed_in.credentials("--role-arn", FOREIGN)
    assert_refused(typed, 5)
    assert typed.err.endswith("; run: fedgate roles\n")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--profile",),
        ("--profile", "a", "--profile", "b"),
        ("--profile", "a", "--role-arn", UPDATE_APP),
        ("--account", "999999999999"),
        ("--role", "UpdateApp"),
        ("--role-arn", "UpdateApp"),
        ("--role-arn", "arn:aws:role/UpdateApp:role/"),
        ("--role-arn", "arn:aws:iam::999999999999:role/Upd\x1b[31m\nate"),
        (*BY_PROFILE, "--max-wait", "soon"),
        (*BY_PROFILE, "--max-wait", "-1"),
        (*BY_PROFILE, "--max-wait", "nan"),
        (*BY_PROFILE, "--verbose"),
        (*BY_PROFILE, "--", "more"),
        ("--profile", "p" * 5000),
        ("--profile", "prod\u00e9"),
        (*BY_PROFILE, "--gateway", "https://other.example"),
        ("--role-arn", UPDATE_APP, "--gateway", "http://aws.example.com"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(signed_in: Terminal, words: tuple[str, ...]) -> None:
    assert_refused(signed_in.type("credential-process", *words), 2)


def test_a_long_sentence_of_the_gateway_is_cut_and_cannot_steer_the_terminal(
    signed_in: Terminal, gateway: Gateway
) -> None:
    body = json.dumps({"code": "role_denied", "detail": "\x1b]0;owned\x07\r\n" + "\u00e9" * 900}).encode()
    gateway.raw = (403, {"Content-Type": "application/problem+json"}, body)
    typed = signed_in.credentials()
    assert_refused(typed, 5)
    assert typed.err.endswith("; run: fedgate roles\n")


@pytest.mark.parametrize(
    "change",
    [
        {"Version": "1"},
        {"Version": True},
        {"Version": 2},
        {"Expiration": "2099-01-01T00:00:00+00:00"},
        {"Expiration": "2099-01-01T00:00:00.000Z"},
        {"Expiration": "2099-13-01T00:00:00Z"},
        {"Expiration": ""},
        {"AccessKeyId": ""},
        {"SecretAccessKey": None},
        {"SessionToken": 5},
        {"AccountId": 999999999999},
        {"AccountId": "111111111111"},
    ],
)
def test_an_answer_that_some_tool_could_not_read_is_not_handed_out(
    signed_in: Terminal, gateway: Gateway, change: dict[str, object]
) -> None:
    body = json.dumps(gateway.credentials(UPDATE_APP) | change).encode()
    gateway.raw = (200, {"Content-Type": "application/json"}, body)
    assert_refused(signed_in.credentials(), 1)
    assert signed_in.cached() == []


def test_more_keys_than_we_know_are_left_out(signed_in: Terminal, gateway: Gateway) -> None:
    body = json.dumps({"Note": "caf\u00e9\n"} | gateway.credentials(UPDATE_APP)).encode()
    gateway.raw = (200, {"Content-Type": "application/json"}, body)
    assert LINE.fullmatch(signed_in.credentials().out)


def test_a_role_of_fifteen_minutes_still_works(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.credentials_life = 900
    assert LINE.fullmatch(signed_in.credentials().out)


def test_a_damaged_cache_is_fetched_anew(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    [path] = signed_in.cached()
    for damage in (b"", b"\xff\xfe", path.read_bytes()[:-20], b"fedgate-credentials-1\tx\n", b"\n" * 9):
        path.write_bytes(damage)
        assert LINE.fullmatch(signed_in.credentials().out)
    assert gateway.calls["/api/v1/credentials"] == 6


def test_the_next_person_never_gets_what_was_fetched_for_ada(signed_in: Terminal, gateway: Gateway) -> None:
    ada = signed_in.credentials().out
    [path] = signed_in.cached()
    content = path.read_bytes()
    gateway.person = {"name": "carl", "email": "carl@example.com"}
    assert signed_in.login("--force").code == 0
    path.write_bytes(content)  # a helper that Ada had started finishes only now
    assert signed_in.credentials().out != ada


def test_signing_out_while_a_helper_asks_leaves_nothing_behind(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.open.clear()
    started = signed_in.start("credential-process", *BY_PROFILE)
    until(lambda: gateway.calls["/api/v1/credentials"])
    assert signed_in.type("logout").code == 0
    gateway.open.set()
    out, _ = started.communicate(timeout=60)
    assert (started.returncode, out) == (4, "")
    assert signed_in.cached() == []


def test_it_does_not_start_itself(signed_in: Terminal) -> None:
    signed_in.env["FEDGATE_CREDENTIAL_PROCESS"] = "1"
    assert_refused(signed_in.credentials(), 2)


def test_aws_variables_of_the_caller_change_nothing(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.env |= {
        "AWS_PROFILE": "production.UpdateApp",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "x",
    }
    assert LINE.fullmatch(signed_in.credentials().out)


def test_it_never_reads_standard_input_and_needs_no_terminal(signed_in: Terminal) -> None:
    command = signed_in.command("credential-process", *BY_PROFILE)
    waiting = subprocess.Popen(["sleep", "30"], stdout=subprocess.PIPE)
    try:
        done = subprocess.run(
            command, env=signed_in.env, stdin=waiting.stdout, capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        waiting.kill()
        waiting.wait()
    assert LINE.fullmatch(done.stdout)


def test_both_streams_mixed_are_still_json(signed_in: Terminal) -> None:
    """The C++ SDK runs its helper with 2>&1."""
    done = subprocess.run(
        signed_in.command("credential-process", *BY_PROFILE),
        env=signed_in.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["Version"] == 1


def test_a_reader_that_leaves_is_no_traceback(signed_in: Terminal) -> None:
    started = signed_in.start("credential-process", *BY_PROFILE)
    assert started.stdout
    assert started.stderr
    started.stdout.close()
    assert "Traceback" not in started.stderr.read()
    started.stderr.close()
    assert started.wait(60) == 1


def test_the_cache_may_lie_elsewhere(signed_in: Terminal, tmp_path: Path) -> None:
    signed_in.env["FEDGATE_CACHE_DIR"] = str(tmp_path / "local disk")
    assert signed_in.credentials().code == 0
    assert len(list((tmp_path / "local disk").rglob("*.credentials"))) == 1


def test_a_role_with_the_longest_path_that_iam_allows_can_be_kept(signed_in: Terminal, gateway: Gateway) -> None:
    arn = f"arn:aws:iam::999999999999:role/{'p' * 510}/{'N' * 64}"
    gateway.roles[0]["arn"] = arn
    assert signed_in.credentials("--role-arn", arn).code == 0
    assert signed_in.credentials("--role-arn", arn).code == 0
    assert gateway.calls["/api/v1/credentials"] == 1


def test_two_roles_are_kept_apart(signed_in: Terminal) -> None:
    one, other = signed_in.credentials("--role-arn", UPDATE_APP), signed_in.credentials("--role-arn", READ_ONLY)
    assert json.loads(one.out)["AccountId"] != json.loads(other.out)["AccountId"]
    assert len(signed_in.cached()) == 2
