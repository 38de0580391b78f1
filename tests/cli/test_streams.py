"""Standard output and standard error that are closed, or lie on a full disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import BY_PROFILE, Terminal, Typed

UNKNOWN = ("credential-process", "--profile", "no.such")
FULL = Path("/dev/full")


def redirected(terminal: Terminal, how: str, *words: str) -> Typed:
    command = ["/bin/sh", "-c", f'exec "$@" {how}', "sh", *terminal.command(*words)]
    ran = subprocess.run(command, env=terminal.env, capture_output=True, text=True, timeout=60, check=False)
    return Typed(ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has /dev/full")
def test_an_answer_that_cannot_be_written_is_one_line_and_exit_code_1(signed_in: Terminal) -> None:
    typed = redirected(signed_in, ">/dev/full", *BY_PROFILE)
    assert (typed.code, typed.err.count("\n")) == (1, 1)
    assert "No space left on device" in typed.err
    assert len(typed.err) <= 200
    assert redirected(signed_in, ">/dev/full", "roles").code == 1


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_the_exit_code_is_true_where_nothing_can_be_said(signed_in: Terminal, how: str) -> None:
    if "full" in how and not FULL.exists():
        pytest.skip("only Linux has /dev/full")
    assert redirected(signed_in, how, *UNKNOWN).code == 2
    assert redirected(signed_in, how, "console", "--help", "--nonsense").code == 0
    assert redirected(signed_in, how, "--nonsense").code == 2


def test_with_everything_closed_files_are_written_as_ever(signed_in: Terminal) -> None:
    assert redirected(signed_in, "<&- >&- 2>&-", *BY_PROFILE).code == 0
    [kept] = signed_in.cached()
    assert kept.read_text().startswith("fedgate-credentials-1\t")


def test_a_command_finds_closed_what_was_closed(signed_in: Terminal) -> None:
    look = "for n in 0 1 2; do [ -e /dev/fd/$n ] && echo $n; done >there; true"
    words = ("exec", "production.UpdateApp", "--keys", "--", "/bin/sh", "-c", f"cd {signed_in.home}; {look}")
    assert redirected(signed_in, "<&- 2>&-", *words).code == 0
    assert (signed_in.home / "there").read_text() == "1\n"
