"""A test whose program is missing never vanishes without a word."""

from __future__ import annotations

import os

import pytest

from tests.needs import PROGRAMS, Program

pytest_plugins = ["pytester"]

WAITING = """
import pytest

@pytest.mark.needs("harpsichord")
def test_music(): pass

def test_silence(): pass
"""


@pytest.fixture
def no_harpsichord(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "harpsichord", Program(("harpsichord-full",), lambda: False))


@pytest.mark.usefixtures("no_harpsichord")
def test_an_ordinary_user_is_told_at_the_end_what_did_not_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    pytester.makepyfile(WAITING)
    result = pytester.runpytest_inprocess("-p", "tests.needs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["1 TESTS DID NOT RUN for want of harpsichord: apt-get install harpsichord-full"])


@pytest.mark.usefixtures("no_harpsichord")
def test_for_root_it_is_a_failure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    pytester.makepyfile(WAITING)
    result = pytester.runpytest_inprocess("-p", "tests.needs")
    result.assert_outcomes(passed=1, errors=1)


def test_with_the_program_the_test_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "harpsichord", Program(("harpsichord-full",), lambda: True))
    pytester.makepyfile(WAITING)
    pytester.runpytest_inprocess("-p", "tests.needs").assert_outcomes(passed=2)


def test_a_program_that_nobody_has_described_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(WAITING)
    pytester.runpytest_inprocess("-p", "tests.needs").assert_outcomes(passed=1, errors=1)
