"""Rounds in the background: one worker makes them, and they end when the process does."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from app.catalog import Catalog, CatalogFile
from app.core.roles import Account, Role
from app.errors import AwsUnavailable, StoreUnavailable
from app.ops.repeating import Repeating
from app.planning import AccountKnowledge, Planner
from app.planning.rounds import StudyRounds
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.issuance.doors import CATALOG
from tests.local.aws.bench import PRODUCTION
from tests.patience import SECONDS, until
from tests.planning.conftest import Study

SOON = timedelta(milliseconds=10)


def rounds(study: Study, tmp_path: Path, pause: timedelta = SOON) -> StudyRounds:
    """One more worker's."""
    (tmp_path / "catalog.toml").write_text(CATALOG)
    flights = Flights(connect(study.redis_url), Sealer([study.sealing_key]))
    catalog = Catalog(CatalogFile(tmp_path / "catalog.toml"), ["corp"])
    return StudyRounds(study.planner(), catalog, flights, lambda: 0.5, pause)


def test_every_role_of_the_catalog_is_studied_in_the_background(study: Study, tmp_path: Path) -> None:
    study.role("UpdateApp", 60)
    running = rounds(study, tmp_path)
    running.start()
    try:
        until(lambda: study.asked("GetRole") == 2)
        known = study.planner().accounts
        until(lambda: len((known.get(PRODUCTION) or AccountKnowledge()).roles) == 2)
    finally:
        running.stop()
    found = known.get(PRODUCTION)
    assert found is not None
    assert {arn.rpartition("/")[2]: (role.longest_seconds, role.missing) for arn, role in found.roles.items()} == {
        "UpdateApp": (3_600, False),
        "Short": (None, True),
    }


def test_of_an_account_where_all_is_known_a_round_reads_once(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its document holds every role of it: read again for each of a thousand, every two minutes, it filled a core."""
    study.role("UpdateApp", 60)
    study.role("Short", 60)
    making = rounds(study, tmp_path)
    making.make_one()
    read, get = [], Shelf[AccountKnowledge].get

    def counted(shelf: Shelf[AccountKnowledge], key: str) -> AccountKnowledge | None:
        read.append(key)
        return get(shelf, key)

    monkeypatch.setattr(Shelf, "get", counted)
    making.make_one()
    assert read == [PRODUCTION]
    assert study.asked("GetRole") == 2
    study.clock.forward(hours=1, seconds=1)
    making.make_one()
    assert (study.asked("GetRole"), study.asked("GetCallerIdentity")) == (2, 1)  # whose key it is was told before
    known = study.planner().accounts.get(PRODUCTION)
    assert known is not None
    assert known.signer_at == study.clock()


def test_while_one_worker_makes_the_round_the_others_do_not(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = [], threading.Event()

    def slowly(_planner: Planner, _account: Account, role: Role) -> None:
        asked.append(role.arn.name)
        go_on.wait(SECONDS)

    monkeypatch.setattr(Planner, "study", slowly)
    first, second = rounds(study, tmp_path), rounds(study, tmp_path)
    working = threading.Thread(target=first.make_one)
    working.start()
    until(lambda: len(asked) == 1)
    second.make_one()
    assert len(asked) == 1
    go_on.set()
    working.join(SECONDS)
    assert len(asked) == 2


def test_a_round_ends_between_two_roles_when_the_process_ends(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = [], threading.Event()

    def slowly(_planner: Planner, _account: Account, role: Role) -> None:
        asked.append(role.arn.name)
        go_on.wait(SECONDS)

    monkeypatch.setattr(Planner, "study", slowly)
    running = rounds(study, tmp_path)
    running.start()
    until(lambda: len(asked) == 1)
    running.stop(timedelta(0))  # only asked to end: it is still at its first role
    go_on.set()
    running.stop()
    running.stop()  # safe to call twice
    time.sleep(0.1)
    assert len(asked) == 1


def test_rounds_that_never_began_can_be_stopped(study: Study, tmp_path: Path) -> None:
    rounds(study, tmp_path).stop()


def test_an_account_where_aws_does_not_answer_is_left_for_the_next_round(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def away(_planner: Planner, _account: Account, role: Role) -> None:
        asked.append(role.arn.name)
        raise AwsUnavailable("AWS does not answer.", reason="aws.ConnectTimeoutError")

    monkeypatch.setattr(Planner, "study", away)
    making = rounds(study, tmp_path)
    making.make_one()
    assert len(asked) == 1
    making.make_one()
    assert len(asked) == 2


@pytest.mark.parametrize("fault", [StoreUnavailable("Redis is away."), ValueError("a fault of ours")])
def test_a_round_that_breaks_is_not_the_last(fault: Exception) -> None:
    begun = []

    def breaks() -> None:
        begun.append(True)
        raise fault

    repeating = Repeating("test", breaks, lambda: 0.0, SOON)
    repeating.start()
    try:
        until(lambda: len(begun) >= 3)
    finally:
        repeating.stop()
    assert repeating.stopping


def test_what_is_done_again_and_again_pauses_for_between_half_and_one_and_a_half_times() -> None:
    begun: list[float] = []
    repeating = Repeating("test", lambda: begun.append(time.monotonic()), lambda: 1.0, timedelta(milliseconds=100))
    repeating.start()
    try:
        until(lambda: len(begun) >= 3)
    finally:
        repeating.stop()
    assert min(later - earlier for earlier, later in pairwise(begun)) >= 0.149
