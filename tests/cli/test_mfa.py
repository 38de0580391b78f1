"""`fedgate mfa`: a code is typed once, where somebody can type, and AWS tools find what it brought."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time

import pytest

from tests.cli.fake_answers import UPDATE_APP, role
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal, Typed
from tests.patience import SECONDS

PROFILE = "production.UpdateApp"


def mfa(terminal: Terminal, typed: str, *words: str) -> Typed:
    """With a pipe for a keyboard."""
    ended = subprocess.run(
        terminal.command("mfa", *(words or (PROFILE,))),
        input=typed,
        env=terminal.env,
        cwd=terminal.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Typed(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def careful(signed_in: Terminal, gateway: Gateway) -> Terminal:
    """Ada's, whose role wants a code."""
    gateway.right_codes[UPDATE_APP] = "123456"
    return signed_in


def test_without_a_code_the_helper_fails_and_says_what_to_run(careful: Terminal) -> None:
    typed = careful.credentials()
    assert (typed.code, typed.out) == (5, "")
    assert typed.err.endswith(f"; run: fedgate mfa {PROFILE}\n")
    assert typed.err.count("\n") == 1
    assert len(typed.err.encode()) <= 200


@pytest.mark.parametrize("called", [PROFILE, UPDATE_APP, "999999999999/UpdateApp", f"--profile={PROFILE}"])
def test_after_a_code_the_helper_serves_what_it_brought_and_asks_no_more(
    careful: Terminal, gateway: Gateway, called: str
) -> None:
    typed = mfa(careful, "123 456\n", called)
    assert (typed.code, typed.out) == (0, ""), typed.err
    assert f"Credentials for {PROFILE} are ready until " in typed.err
    asked = gateway.calls["/api/v1/credentials"]
    for _ in range(3):
        given = careful.credentials()
        assert (given.code, given.err) == (0, "")
        assert json.loads(given.out)["AccountId"] == "999999999999"
    assert gateway.calls["/api/v1/credentials"] == asked


def test_what_a_code_brought_is_used_to_its_end(careful: Terminal, gateway: Gateway) -> None:
    """With less than fifteen minutes left the helper asks again, and the gateway wants a new code."""
    gateway.credentials_life = 600
    assert mfa(careful, "123456\n").code == 0
    given = careful.credentials()
    assert (given.code, given.err) == (0, "")


@pytest.mark.parametrize("typed", ["", "\n", "12345\n", "1234567\n", "abcdef\n", "１２３４５６\n"])  # noqa: RUF001
def test_what_is_no_code_is_not_sent(careful: Terminal, gateway: Gateway, typed: str) -> None:
    answer = mfa(careful, typed)
    assert (answer.code, answer.out) == (2, "")
    assert "six digits" in answer.err
    assert gateway.calls["/api/v1/credentials"] == 0


def test_for_a_role_that_needs_none_nobody_is_asked(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.roles = [role(UPDATE_APP, "Production", PROFILE, mfa_code=False)]
    answer = mfa(signed_in, "")
    assert (answer.code, answer.out, answer.err) == (
        0,
        "",
        f"{PROFILE} needs no code: AWS tools get its credentials without one.\n",
    )
    assert gateway.calls["/api/v1/credentials"] == 0


def test_a_wrong_code_is_refused_and_is_shown_nowhere(careful: Terminal) -> None:
    answer = mfa(careful, "654321\n")
    assert (answer.code, answer.out) == (7, "")
    assert "654321" not in answer.err


def test_a_person_types_the_code_and_it_does_not_show(careful: Terminal) -> None:
    ours, theirs = pty.openpty()
    env = careful.env | {"TERM": "dumb"}
    process = subprocess.Popen(
        careful.command("mfa", PROFILE), stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
    )
    os.close(theirs)
    shown = read_until(ours, f"Code for {PROFILE}: ")
    os.write(ours, b"123456\n")
    shown += read_until(ours, "are ready until")
    assert process.wait(60) == 0
    assert "123456" not in shown
    os.close(ours)


def read_until(terminal: int, words: str, seconds: float = SECONDS) -> str:
    shown, ends = "", time.monotonic() + seconds
    while words not in shown:
        assert time.monotonic() < ends, shown
        if select.select([terminal], [], [], 0.5)[0]:
            shown += os.read(terminal, 4096).decode()
    return shown


def test_who_is_not_signed_in_is_told_so(terminal: Terminal) -> None:
    assert mfa(terminal, "123456\n").code == 4
